"""Checks of the house, beside those that the fuzzer has."""

import schemathesis


@schemathesis.check
def refusals_name_the_field(ctx, response, case):
    """Whoever refuses a value says which: a program can mark it, a person finds it."""
    if response.status_code == 422:
        details = response.json()["error"].get("details") or {}
        assert "field" in details, "this 422 has no details.field"
