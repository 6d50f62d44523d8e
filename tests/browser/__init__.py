"""What looks at the notebook and the reports as people see them: Chromium, JupyterLab, axe."""
