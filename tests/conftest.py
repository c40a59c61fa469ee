"""What pytest collects: the comparison with torch only where it is named on the command line."""

collect_ignore = ["crosscheck_torch.py"]
