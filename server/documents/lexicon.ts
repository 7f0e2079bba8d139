/** Word lists of the graders. Sources: the SRE Workbook's bad postmortem (vague verbs, animated language), PagerDuty's guides, and use. */

/** Verbs with which a finished thing can be described. */
export const ACTION_VERBS: ReadonlySet<string> = new Set(
	(
		'add align allocate alarm alert allow annotate archive assert assign attach audit automate back backfill backport ban batch benchmark block bound build bump cache cap change calculate check close codify collect configure ' +
		'convert copy correct compute count create cut debounce decouple default define delete deny deploy derive detach drill drive dump deprecate disable document drain drop emit enable encrypt enforce evict expand export ' +
		'expose extend extract fail fence file fix forbid flag freeze gate generate grant harden halve hold increase inject inspect install instrument introduce isolate label limit link lint list load lock ' +
		'log lower measure merge migrate mirror mount move mute name notify obtain override pace page parse patch ping pin pool preload prevent print probe provision prune publish purge ' +
		'quarantine raise record redact reduce refactor refuse rehearse reject release remove rename render replace replicate replay report require reserve restore restrict retire retry ' +
		'revert resize resolve reuse revoke rewrite roll rotate route run sample scale scan schedule schema script separate set shard shed ship shorten show shut sign size skip snapshot split stop store strip ' +
		'subscribe switch tag taint teach template terminate test throttle time trace track train trim turn unify update upgrade use validate verify version warn wire withdraw wrap write'
	).split(' '),
);

/** Nobody can tell when these are done. */
export const VAGUE =
	/\b(improve|make (?:\w+ )?better|be (?:more )?careful|pay (?:more )?attention|try to|look into|think about|consider|be aware|remember to|ensure quality|optimi[sz]e things|as needed|where possible|in general)\b/i;

/** Something that can be looked at: a figure, an alert's or a test's name, a thing that exists or fails. */
export const MEASURABLE =
	/\d|`[^`]+`|\b(alert|test|check|dashboard|pipeline|job|policy|lint|build|probe|drill|replay|run|query|metric|page)s?\b[^.]*\b(fires?|fails?|passes|shows?|exists?|rejects?|blocks?|is|are|refuses?|returns?|goes|stays|runs?|lists?|drops?)\b/i;

/** “Operator” and “manager” are missing: here they are programs as often as people. */
const PERSON =
	'(?:the |a |an |our |that |one )?(?:(?:junior|senior|new|on-?call|release|lead|platform|backend|database|site) )*(?:engineer|developer|admin|administrator|deployer|author|reviewer|intern|junior|colleague|contractor|on-?caller|dba|sysadmin|committer|maintainer|teammate|somebody|someone|person)';
const SLIGHT =
	'careless(?:ly|ness)?|sloppy|sloppily|sloppiness|negligent(?:ly)?|negligence|reckless(?:ly|ness)?|incompeten(?:t|ce|tly)|laz(?:y|ily|iness)|stupid(?:ly|ity)?|foolish(?:ly)?|inattenti(?:ve|on)|irresponsible|irresponsibly|clueless|thoughtless(?:ly)?|ridiculous|idiotic|dumb|inexcusable|unprofessional|ineptitude|inept|slipshod|lackadaisical|heedless(?:ly)?|amateurish';
/** What only a person does, and only wrongly. */
const MISDEED =
	"forgot|forgets|botched|neglected|overlooked|ignored|messed up|screwed up|bungled|fumbled|mishandled|misconfigured|broke|failed to|did not bother|didn['’]t bother|was to blame|is to blame|was at fault|is at fault|made (?:a|the) (?:mistake|error|blunder)|should(?: not|n['’]t)? have(?! been (?:paged|told|alerted|notified|warned|given|able|asked|stopped))|could not be bothered|slipped up";
/** Things have capital letters, too. */
const THINGS =
	'Kubernetes|Prometheus|Grafana|Alertmanager|Helm|Argo|Flux|Terraform|Vault|Docker|Postgres(?:ql)?|PostgreSQL|Redis|Kafka|Nginx|Linux|GitHub|GitLab|Jenkins|Tekton|Kyverno|Istio|Cilium|CoreDNS|Karpenter|The|This|That|These|Those|It|They|We|Nobody|None|Which|And|But|Both|Each|Then|When|Pods?|Probes?|Requests?|Users?|Customers?|Clients?|Service|Deployment|Ingress|Rollout|Alerts?|Everything|Nothing|One|Tests?|Traffic|Schema|Code|Because|Readiness|Liveness';

/** Words against people rather than about the system. Each has the words that are shown for it. */
export const BLAME: readonly { readonly what: string; readonly pattern: RegExp }[] = [
	{ what: 'a slight', pattern: new RegExp(String.raw`\b(?:${SLIGHT})\b`, 'gi') },
	{
		what: '“human error” as an explanation',
		pattern: /\b(?:human|operator|user|pilot|engineer) (?:error|mistake|failure)s?\b(?! (?:rate|ratio|message|count|budget|page|code|log)s?)/gi,
	},
	{
		what: 'what someone ought to have known',
		pattern: /\b(?:should|ought to) have (?:known|been more careful|paid attention|noticed|been smarter|thought)\b/gi,
	},
	{
		what: 'a person and a misdeed',
		pattern: new RegExp(String.raw`\b${PERSON}\b(?: (?:who|that|simply|just|again|had|has|clearly|obviously))* (?:${MISDEED})\b`, 'gi'),
	},
	{
		what: 'a person and a misdeed',
		pattern:
			/\b(?:he|she|you) (?:forgot|botched|neglected|overlooked|ignored|failed to|should(?: not|n['’]t)? have|broke|messed up|screwed up|misconfigured)\b/gi,
	},
	{ what: 'a handle and a misdeed', pattern: new RegExp(String.raw`@[\w-]+ (?:${MISDEED})\b`, 'g') },
	{
		what: 'a name and a misdeed',
		pattern: new RegExp(
			String.raw`(?<![\w-])(?!(?:${THINGS})\b)[A-Z][a-z]{2,}(?: [A-Z][a-z]+)? (?:forgot|botched|neglected|overlooked|messed up|screwed up|bungled|fumbled|mishandled|did not bother|didn['’]t bother|was to blame|is to blame|was at fault|slipped up)\b`,
			'g',
		),
	},
	{
		what: 'somebody’s mistake',
		pattern: new RegExp(
			String.raw`\b(?:${PERSON}|[A-Z][a-z]{2,}|@[\w-]+|his|her|your)(?:['’]s)? (?:mistake|blunder|negligence|carelessness|oversight|incompetence|slip-up|laziness)\b`,
			'g',
		),
	},
	{
		what: 'fault given to a person',
		pattern: new RegExp(String.raw`\b(?:fault of|blame (?:lies with|is on|falls on)|blamed on|caused by|because of|due to) (?:${PERSON})(?:['’]s)?\b`, 'gi'),
	},
];

/** Sentences that say nothing wherever they stand. */
export const FILLER =
	/\b(it is important to (?:note|remember|understand|mention)|at the end of the day|needless to say|it goes without saying|in today['’]s (?:world|fast-paced)|going forward|best practices?|leverag(?:e|ing) synerg|holistic|robust and scalable|world-class|cutting-edge|seamless(?:ly)?|as we all know|when all is said and done|a wide range of|plays? a (?:crucial|vital|key) role|continuous improvement|lessons were learned|moving parts|proactive(?:ly)? approach)\b/gi;
