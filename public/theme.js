// Runs before the first paint, so that a remembered theme never flashes. Without a choice the system's preference holds (color-scheme: light dark).
(() => {
	try {
		const theme = localStorage.getItem('foothold.theme');
		if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
	} catch {
		// Storage may be switched off; the system's preference is right then.
	}
})();
