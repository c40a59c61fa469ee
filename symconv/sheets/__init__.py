"""Sheets: exams and worksheets, from a file to any number of versions on paper."""
