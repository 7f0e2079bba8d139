/** Starts the lab page: what the build knows of the lab stands in the page as JSON. */
import { createRoot } from 'react-dom/client';
import { LabApp, LabTitle } from '../components/lab/LabApp.tsx';
import { LabContext } from '../components/lab/context.ts';
import { LabClient } from './lab-client.ts';
import type { LabPageData } from './static-lab.ts';

const host = document.getElementById('lab');
const data = document.getElementById('lab-data');

if (host && data) {
	const { lab, rows } = JSON.parse(data.textContent ?? '{}') as LabPageData;
	const client = new LabClient(lab.id);
	createRoot(host).render(
		<LabContext value={{ lab, rows, client }}>
			<LabTitle />
			<LabApp />
		</LabContext>,
	);
}
