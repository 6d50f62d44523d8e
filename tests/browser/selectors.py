"""Where things stand on the pages: all selectors of JupyterLab, the card and the reports."""

from __future__ import annotations

import re

# JupyterLab
WHOLE = "#main"
KERNEL_IS_READY = '#jp-main-statusbar :text("| Idle")'
CODE_CELL = ".jp-CodeCell"
EDITOR = ".cm-content"
PROMPT = ".jp-InputPrompt"
OUTPUT = ".jp-OutputArea-output"
MENU = ".lm-MenuBar-itemLabel"
MENU_ENTRY = ".lm-Menu-itemLabel"
THEME_OF_BODY = "data-jp-theme-name"
WAITING = "*"  # in a prompt: the cell runs, or stands in the queue
NUMBER = re.compile(r"\[\d+\]:")  # a prompt: the cell has run

# The card, also on a report's page
CARD = ".ag"
CHECK = "h3"
FAILED = "section.failed"
BELIEF = ".belief"
MATRIX = "table"
FOLDED = "details"
