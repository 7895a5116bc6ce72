"""In: a composed report. Out: it as HTML, PDF, XLSX, Markdown or slides."""
