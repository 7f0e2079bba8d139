import type { Attempt, DocumentContent, DocumentSummary, Grade, VersionSummary, WrittenDocument, WrittenEvidence } from '../../../server/protocol/documents.ts';
import type { DocumentKind } from '../../../server/protocol/document-kinds.ts';
import { json, post } from '../api.ts';

const at = (id: string, rest = ''): string => `/api/documents/${encodeURIComponent(id)}${rest}`;

export const listDocuments = (): Promise<DocumentSummary[]> => json('/api/documents');
export const makeDocument = (wanted: { kind: DocumentKind } | { markdown: string }): Promise<WrittenDocument> => json('/api/documents', post(wanted));
export const getDocument = (id: string): Promise<WrittenDocument> => json(at(id));
/** `leaving`: the page is going away; the browser finishes the call on its own. */
export const saveDocument = (id: string, base: number, content: DocumentContent, leaving = false): Promise<WrittenDocument> =>
	json(at(id), { ...post({ base, content }), method: 'PUT', keepalive: leaving });
export const removeDocument = (id: string): Promise<unknown> => json(at(id), { method: 'DELETE' });
export const getVersions = (id: string): Promise<VersionSummary[]> => json(at(id, '/versions'));
export const restoreVersion = (id: string, version: number): Promise<WrittenDocument> => json(at(id, '/restore'), post({ version }));
export const gradeDocument = (id: string, content: DocumentContent): Promise<Grade> => json(at(id, '/grade'), post({ content }));
export const previewDocument = async (id: string, content: DocumentContent): Promise<string> =>
	(await json<{ html: string }>(at(id, '/preview'), post({ content }))).html;
export const attachDocument = (id: string, deliverable: string): Promise<WrittenEvidence> => json(at(id, '/attach'), post({ deliverable }));
export const getAttempts = (): Promise<Attempt[]> => json('/api/attempts');
export const getWriting = (id: string): Promise<WrittenEvidence> => json(`/api/writings/${encodeURIComponent(id)}`);
