"""How the checks say what they found."""

failures = 0


def report(what, fault=None):
    """Prints that something holds, or why it does not."""
    global failures
    if fault is None:
        print(f"ok:      {what}", flush=True)
        return
    failures += 1
    print(f"FAILED:  {what}\n{fault}", flush=True)


def ended_well():
    """Whether everything that was reported holds."""
    return failures == 0
