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

# Formgrader, in a tab of JupyterLab
IN_FORMGRADER = "iframe[src*=formgrader]"
FILE_IN_BROWSER = ".jp-DirListing-itemText"
GENERATE = "td.assign a"
PREVIEW = "td.preview a"
SUBMISSIONS = "td.num-submissions a"
AUTOGRADE = "td.autograde a"
FEEDBACK_FOR_ALL = "td.generate-feedback a"
DIALOG = ".modal.in"
ANY_DIALOG = ".modal"
DIALOG_SAYS = ".modal-body"
CLOSE_DIALOG = ".modal-footer button"
ROW = "#main-table tr"
NAME = "td.name a.name-shown"  # in a row, and covered as long as nobody asks for it
COVER = "td.name a.name-hidden"
BY_HAND = ".nbgrader_cell:has(input.score):has(textarea.comment)"
SCORE = "input.score"
COMMENT = "textarea.comment"
BOXES_IN_USE = ("input.extra-credit[placeholder]", "textarea.comment[placeholder]")
TEXT = ".text_cell_render"

# The card, also on a report's page
CARD = ".ag"
CHECK = "h3"
FAILED = "section.failed"
BELIEF = ".belief"
MATRIX = "table"
FOLDED = "details"
