/** The words of the pages, apart from their markup: one file a language in content/ui/. A key that a language lacks, or has too many, fails the build. */
import { z } from 'astro/zod';

/** Gathers as it goes: only a call in the last place may be repeated a hundred times. */
type Keys<S extends string, Found = never> = S extends `${infer First} ${infer Rest}` ? Keys<Rest, Found | First> : Found | S;
type Words<S extends string> = Readonly<Record<Keys<S> & string, string>>;

/** An object that has exactly the keys named, separated by blanks, each a text. */
const words = <S extends string>(keys: S): z.ZodType<Words<S>> =>
	z.strictObject(Object.fromEntries(keys.split(' ').map((key) => [key, z.string().min(1)]))) as unknown as z.ZodType<Words<S>>;

export const catalogueSchema = z.strictObject({
	/** The language's own name, for the switch to it. */
	name: z.string(),
	site: words('skip track plan labs portfolio rubric market reviews help glossary mainNav theme footer footerHelp noscript'),
	start: words('title description heading lead openFirst seeTrack how months monthsLead startFurther whoFor specimen'),
	steps: z.array(words('title text')).length(5),
	people: z.array(words('title text link')).length(3),
	track: words(
		'title description heading lead beginReading planIt openGlossary month monthTitle crumb deliverable show lessons lessonsToCome minutes labsHold side read readLead checklist checklistLead exams examsLead exam domain weight otherMonths adapt adaptLead',
	),
	starts: z.array(words('title length text')).length(4),
	lesson: words('eyebrow objectives contents practise planned sources sourcesLead exams terms turn console shell file tryIn englishOnly done doneLead'),
	labCard: words('eyebrow figures open englishOnly'),
	search: words('open title label close hint shortcut'),
	/** The plan is in English alone so far. */
	plan: words(
		'title description heading lead roleLink none starting startingLead check checkLead years yearsNone yearsSome yearsMany models question terminal terminalLead terminalOpen answer checkButton right wrong unanswered proposal decide reasonBase reasonBaseStrong reasonUpper reasonYears reasonYearsShort reasonModels reasonTerminal make startLabel hours begins known knownLead month preview previewWrong adopt saved undone summary summaryRole done onTime slightlyLate behind finished overdueList nextUp offersLead extend extendText extendRole raise raiseText raiseNot cut cutText cutNot choose lostEarlier undo calendar print milestones byGraded byRead byDeclared tick due late about groupMonth groupAsset groupDays groupMonths doneHow roleTitle roleDescription roleHeading roleLead roleNone roleMilestones evidence trackLink workReading workLab workDeliverable workChecklist',
	).optional(),
	/** So is the portfolio. */
	portfolio: words(
		'title description heading lead graded gradedMeans confirmed confirmedMeans declared declaredMeans write month throughout noneSubmit none noneMonth monthLink families seniorFamilies seniorLead target targetSplit declareHeading declareLead changing family kind repository pullRequest review document dashboard talk other itemTitle url claim count countHelp on save saveChange cancel saved edit remove removed undo exportHeading exportLead site siteHelp pdf pdfHelp resume resumeHelp verify verifyHelp print working done badge badgePicture badgeData verifyTitle verifyDescription verifyLead verifyFile verifyText verifyButton verifyUnreadable verifyGood verifyBad verifyOwn verifyForeign verifyOffline verifyFacts verifyDigest issuerKey askMentor askAgain sentWaiting sentInReview sentBack noneSubmitOne',
	).optional(),
	/** So are the pages that documents are written on. */
	writing: words(
		'listTitle listDescription portfolio listHeading listLead newHeading newOne importOne yours loading nothing untitled remove removeOne removeSure removeOneSure line inPortfolio editTitle editDescription editHeading undo redo preview print exportOne title side grade grading facts handInFor handIn toMentor versions unsavedAtEnd undone redone insertedOne inserted score waiting saving savedAt failed goBack versionLine noVersions restored attachedGraded attachedDeclared seeIt allDocuments gradedShare of100 digest textHandedIn digestOver pass fail forMentor couldNotGrade factual someFactual formOnly goTo noAttempt toLabs ownAccount attemptLine insertAll insertIt insert insertOne drawFrom allInserted atLeast notInTable choose entry item option columnAt columnType columnHappened columnSource columnAction columnOwner columnDue columnVerify columnName columnCost columnLatency columnRisk columnFigures rowMoved rowRemoved rowAdded fieldLabel moveUp moveDown removeRow addRow',
	).optional(),
	/** So is evidence as it is shown: in the portfolio, in reviews, as the verdict of a lab. */
	evidence: words(
		'graded confirmed declared pass fail waiting notGraded about capped verdict files recordings digestOver digestOverAll sendIt confirmedBy expected seen notSaid commandOne commands playerFailed noFiles textOf nothing toLabs loading passed belowMark attempt of100 digest learnerOne learners mentored reviewOne reviewsGiven wholeBy notCovered sendItem why goneMentor',
	).optional(),
	/** So is the player of recordings. */
	recording: words(
		'terminal terminalClosed loading copied notCopied label screen play pause previous next place placeOf speed shorten copy download commentAt commandOne commands notLoadedHttp noRecording notLoaded',
	).optional(),
	/** So is the page of a lab. */
	lab: words(
		'connectionWasLost connectionWasLostNext notConnected uploadCut uploadCutNext tryAgain taskDone verdictOfAttempt youWillBe dismiss tryNow thisLabIs useYourOwn askingTheServer saveThisAs copyTheKubeconfig download close thisServerDoes openingTheTerminal openingTheEditor partsOfThe terminalAndEditor showThemAll briefTasksAnd heightOfThe widthOfEditor widthOfThe brief tasks ofDone verdict of100 history month ofTasks takeStartOver startingOver startOver checkYourWork submitting submit checking checkMyWork startThisLab yourClusterFiles thePresentState loadThePage cluster namespace allNamespaces stateOfThe waitingForThe events quietSoFar ofAreShown nodes noNodeHas cordoned cpuRequested cpuOf memoryRequested memoryOf pod pods whyIsIt podsTitle noPodsHere noNodeYet restarts servicesAndIngresses noWayIn endpoint endpoints noAddressYet nothingRuns workloads readyOf applyOne askingTheCluster applying applied appliedInPart cancel applyAllThe apply theClusterWould thereIsNo nothingWouldChange error warning changesOf theFileCould twoTextsOf linesWithStand readingTheFile differenceBetweenThe decideLater takeTheirs keepMine aCommandIn saveAndFinish finish cancelTheEdit wasChangedElsewhere seeTheDifference wasDeletedElsewhere saveItAgain editor applyAsk ctrlEnter save ctrlS autosave f6LeavesThe openAFile closeUnsaved deleteSure closeWithoutSaving deleteIt yourChangesSince theTerminalWill openFiles unsavedChanges unsavedHeard closeOne files newFile newNameOr noFilesYet filesOfYour deleteOne allFiles moreForFiles newFolder renameOrMove deleteWord uploadFilesOr downloadAsTar downloadAsZip filesToUpload yourTextOf bringTheOther textOf deleted undo uploading andMore replaceIt replaceThem yourHomeFolder required theClustersSchema saving saved removed checkpoints thisLabRuns yourClusterAnd saveACheckpoint beforeITry noneYet goBackAsk goBackToHeard remove nothingWasRun comesBack backAtWhat goBackTo comparingThePresent stayHere goingBack goBackNow theClustersClock noFileOf objectsOfThe andMoreObjects oneObjectThat objectsThatFollow fromThesePods noTextTo changesOfFile andMoreFiles programsThatEnd recordings everyTerminalIs play openingThePlayer checkpointTask beforeGoingBack beforeGoingBackTo startOfThe whileYouWorked keepIt copied selectAndCopy copy hint openAHint openTheNext hintsLeft hintFor done points ofDoneA terminalSettings textSize smallerText largerText screenReaderMode copyWhatIs allKeys terminalsAreThe terminalIsClosed leavesTheTerminal newTerminal newTerminalAlt splitSideBy splitSideBySide splitOneAbove splitOneAboveThe closeTerminal closeAltShift terminal terminals noTerminalIs openOne closeTerminalSure closeIt thisRunsIn sizesOfTerminals notFound matchOf findInThe find previousMatch nextMatch closeTheSearch thisTerminalHas openItAgain checkingYourWork checkingOf startingTheChecks submitted submittedWithOf theVerdictAnd itIsKept seeItIn sendItTo pointsHeard critical whileItFails waitsFor couldNotBe expected seen whyItMatters seeItYourself copyTheCommand nothingHasBeen checkMyWorkRuns result of1002 notYet attemptToPass aCriticalCheck oneCheck checks theOneWouldChange someWouldChange nothingWrittenOne nothingWritten uploadedOne uploaded terminalOne terminalsTwo vanishes changes nameOfFile nameOfFolder checkedToPass checkedVerdict passed movedRow levelNone levelStarted levelMid levelSenior isRequired nameEmpty nameFolder nameDots nameTaken sinceOne sinceMany recordedOne recorded endsInTerminal connectionLostWait serverSilentWait waitAgain keysTabs keysCopy nothingRunsHere readyOn restartOne',
	).optional(),
	/** So is the help. `code` in a limit is a key to press. */
	help: z
		.strictObject({
			title: z.string(),
			description: z.string(),
			heading: z.string(),
			keyboard: z.string(),
			keys: z.array(words('keys text')),
			screenReader: z.string(),
			limits: z.string(),
			limitList: z.array(words('text')),
			errors: z.string(),
			errorList: z.array(words('message text')),
			points: z.string(),
			pointsText: z.string(),
		})
		.optional(),
	/** So is the glossary. */
	glossary: words('title description heading lead letters seeAlso read').optional(),
	/** So is the page for addresses without one. */
	notFound: words('title description heading lead toStart toLabs').optional(),
	/** So is the list of labs. */
	labs: words('title description heading lead none others theTrack').optional(),
	/** So is the rubric. */
	rubric: words(
		'title description heading lead caption lookedAt mid senior standing noEvidence started seniorReached movedLast notMoved submitOne countOf movedOn mentorSays evidenceOne evidenceMany mentorAlone seniorHolds goneMentor',
	).optional(),
	/** So are account, invitations and administration. */
	account: words(
		'accountTitle accountDescription accountHeading loading signInLead signIn localLead name address roles since browsers browserOne browserMany learner mentor admin signOut signOutEverywhere administer cohortsHeading cohortsNone asLearner asMentor mentors leave left dataHeading dataLead download deleteHeading deleteLead deleteConfirm deleteWord deleteButton deleted proofRemoved proofKept proofLine saveProof seenHeading seenNone when who what joinTitle joinDescription joinHeading joinNone joinLearner joinMentor joinUntil joinButton joinMember joined toTrack toQueue adminTitle adminDescription adminHeading adminLead adminNot peopleHeading person state actions keptOut keepOut letIn exportOne deleteOne deleteSure cancel rolesSaved keptOutSaid letInSaid deletedSaid cohorts noCohorts cohortName makeCohort madeCohort removeCohort removeCohortSure removedCohort learners nobody removeMember tookOut invitations invitationLine revoke revoked inviteAs days uses makeLink linkOnce copyLink copied auditHeading auditLead everyone from anything show ofWhom detail auditNone commandLine gone',
	).optional(),
	/** So is the market. */
	market: words(
		'title description heading lead readHeading readLead sheet none few picture pictureDesc median middleHalf ends ownLine ownIs ownMissing premiums premiumLead gpu remote foreign premiumIs premiumUnsure premiumNone premiumZero unpaired missingRate staleRate listings listing range perYear seen traits actions old edit remove removed undo saved add changing jobTitle employer source seenOn minimum maximum currency period year month hour level junior mid senior staff unknown note save cancel settings settingsLead base hoursPerYear hoursHelp ownPay rate rateOn noRates saveSettings csv print overlapHeading overlapLead zone day from to sharedHours overlapTitle yours sources sourcesLead back next',
	).optional(),
	/** So are self-assessment and exercises. */
	assess: words(
		'selfHeading selfLead self graded mentor gap dimension level0 level1 level2 level3 notRated notConfirmed steps noGap ownWord overclaimed radarTitle radarDesc timeTitle timeDesc timeEmpty timeTable when nextHeading nextLead nextLifts nextNone mid senior signals example rate rateSummary level evidence noGraded attempt document linkUrl linkClaim linkLead save saved seniorRule linkHalf exercises exercisesLead exerciseTitle rubricCrumb minutes task material clock start pause goOn left over timeUp halfTime score scorer bySelf byMentor mentorName score0 score1 score2 score3 strong notes keep kept nameNeeded scoreAll history historyNone points time typedMentor measures mentorAlone goneMentor',
	).optional(),
	/** So are submissions and reviews. */
	review: words(
		'listTitle listDescription listHeading listLead listNone submitSomething newTitle newDescription newHeading newLead whatLabel noteLabel noteHelp bundleHelp submitButton nothingToSubmit toLabs viewTitle viewDescription reviewTitle reviewDescription queueTitle queueDescription queueHeading queueLead queueEmpty queueCount queueFiltered queueKeys queueOpen queueMine queueTaken queueSecond cohortTitle cohortDescription commentsTitle commentsDescription commentsHeading commentsLead commentsNone desk cohorts cohortsAll cohortsNone yourTally tally tallyLead mentorDoor toQueue loading all lab kind cohort state kindLab kindDocument kindPortfolio stateWaiting stateInReview stateChanges stateApproved stateWithdrawn news own yoursBefore sent of100 waitsFor ago minutes hours days roundN rounds unanswered withdraw withdrawnLead review reviewOwn reviews reviewsNone noMentor whatWasSent noteTitle attemptOf verdict expected seenWord recordings files filesNone lines changes changesUnknown changesNone changesLeftOut created changed deleted added removed documents version gatedChecks gradeOf showSource showRendered showMore digestTitle textOf diffOf line lineNumberOf comment commentLine commentOn placeWhole placeLine placeChange placeCheck placeMoment reviewBy gone secondReviewBy ownReview ownCounts notShownYet essential essentialAbout actionable actionableAbout informative informativeAbout celebratory celebratoryAbout answerDone answerDisagree answerAgain answerIt done disagree reason sendReason wasHelpful yes no nextRound nextNote nextLab nextDocument resubmit answerFirst changedSince changedNothing earlierRounds yourReview claim claimLead claimSecond claimSecondLead claimHolds nothingToDo findings findingsLead findingsFull findingText type addWhole remove undo saveForLater savedForLater nothingToSave offered useIt used marks marksLead marksRows marksDimensions notMarked level0 level1 level2 level3 summary preview secondLead secondNote decision approve askChanges send giveBack draftSaved draftSaving draftWaiting draftUnsaved edit saveChange saveNew newComment offeredWhere offeredHelp cohortCount stuck stuckLead stuckNone labOrCheck tried passedCount notNow medianAttempts medianHours fewerThan whoWaits agreement agreementLead agreementNone markedThing pairs percentSame kappa kappaNone caution fewPairs invite inviteLead inviteMake inviteOnce cohortName cohortMake kindDeclared declaredTitle declaredLead declaredClaim declaredCount declaredOn declaredAddress declaredSummary seniorAlone seniorGraded seniorJoins seniorBlind declaredSayFirst declaredFindings',
	).optional(),
	/** What the editor says of a manifest: findings, and what its first keys are. */
	yaml: words(
		'duplicateKey tab indentation noYaml noApiVersion noKind noName otherVersion unknownKind unknownKindClose unknownField unknownFieldClose required notList notMapping notText notQuoted notBoolean notNumber textNotBoolean textNotNumber notAllowed notAllowedClose least most longest aboutApiVersion aboutKind aboutMetadata',
	).optional(),
	/** What scripts say; sent along with every page. `{x}` is filled in. */
	script: words(
		'signIn footerTeam chooseName askName nameHelp begin nameEmpty startLab continueLab continue seeTrack readTrack submitted inProgress standing standingScored standingSubmitted copy copied markRead isRead lessonRead lessonOpened readCount readOffline continueReading searching found foundOne foundNone searchMissing unreadReviews notSignedIn notSignedInNext answered loadAgain noAnswer noAnswerNext',
	),
});

export type Catalogue = z.infer<typeof catalogueSchema>;
export type ScriptWords = Catalogue['script'];
export type AssessWords = NonNullable<Catalogue['assess']>;
export type PortfolioWords = NonNullable<Catalogue['portfolio']>;
export type AccountWords = NonNullable<Catalogue['account']>;
export type MarketWords = NonNullable<Catalogue['market']>;
export type ReviewWords = NonNullable<Catalogue['review']>;
export type WritingWords = NonNullable<Catalogue['writing']>;
export type YamlWords = NonNullable<Catalogue['yaml']>;
export type PlanWords = NonNullable<Catalogue['plan']>;

export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];
