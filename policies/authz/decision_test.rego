package kontor.authz_test

import rego.v1

import data.kontor.authz

ask(roles, action) := answer if {
	answer := authz.decision with input as {"principal": {"roles": roles}, "action": action}
}

test_nobody_may_nothing if not ask([], "offers.read").allow

test_unknown_role_may_nothing if not ask(["janitor"], "offers.read").allow

test_admin_looks_after_users_and_keys if {
	ask(["admin"], "users.write").allow
	ask(["admin"], "keys.write").allow
}

test_nobody_else_looks_after_users_or_keys if {
	every role in [
		"operator", "treasurer", "underwriter", "viewer", "risk_officer", "creator", "service",
	] {
		not ask([role], "users.read").allow
		not ask([role], "users.write").allow
		not ask([role], "keys.write").allow
	}
}

test_viewer_reads if ask(["viewer"], "offers.read").allow

test_viewer_does_not_pay if not ask(["viewer"], "payouts.request").allow

test_underwriter_accepts if ask(["underwriter"], "offers.accept").allow

test_underwriter_does_not_pay if not ask(["underwriter"], "payouts.request").allow

test_treasurer_pays if ask(["treasurer"], "payouts.request").allow

test_treasurer_pays_capital_in if ask(["treasurer"], "payouts.capital").allow

test_admin_pays_capital_in if ask(["admin"], "payouts.capital").allow

test_underwriter_pays_no_capital_in if not ask(["underwriter"], "payouts.capital").allow

test_viewer_pays_no_capital_in if not ask(["viewer"], "payouts.capital").allow

test_treasurer_confirms_payouts_by_hand if ask(["treasurer"], "payouts.confirm").allow

test_underwriter_confirms_no_payout if not ask(["underwriter"], "payouts.confirm").allow

test_treasurer_withdraws_accepted if ask(["treasurer"], "offers.withdraw_accepted").allow

test_underwriter_withdraws_nothing_accepted if {
	not ask(["underwriter"], "offers.withdraw_accepted").allow
}

test_underwriter_withdraws_what_is_open if ask(["underwriter"], "offers.withdraw").allow

test_treasurer_does_not_value if not ask(["treasurer"], "offers.value").allow

test_admin_may_all_of_deals if ask(["admin"], "payouts.request").allow

test_creator_sees_his_own if ask(["creator"], "offers.read") == {"allow": true, "scope": "own"}

test_creator_accepts_his_own if ask(["creator"], "offers.accept").scope == "own"

test_creator_does_not_pay if not ask(["creator"], "payouts.request").allow

test_creator_does_not_see_valuations if not ask(["creator"], "valuations.read").allow

test_creator_does_not_see_the_ledger if not ask(["creator"], "ledger.read").allow

test_creator_withdraws_nothing if not ask(["creator"], "offers.withdraw").allow

test_the_wider_scope_wins if ask(["creator", "viewer"], "offers.read").scope == "all"

test_viewer_opens_no_creator if not ask(["viewer"], "creators.open_as").allow

test_wildcard_needs_the_dot if not ask(["admin"], "offersomething").allow

test_second_role_counts if ask(["viewer", "treasurer"], "payouts.request").allow

test_admin_sees_decisions if ask(["admin"], "decisions.read").scope == "all"

test_risk_officer_sees_decisions if ask(["risk_officer"], "decisions.read").scope == "all"

test_operator_sees_decisions if ask(["operator"], "decisions.read").scope == "all"

test_operator_sees_the_policy if ask(["operator"], "policy.read").scope == "all"

test_viewer_does_not_see_decisions if not ask(["viewer"], "decisions.read").allow

test_treasurer_does_not_see_decisions if not ask(["treasurer"], "decisions.read").allow

test_creator_does_not_see_decisions if not ask(["creator"], "decisions.read").allow

test_service_asks_about_tokens if ask(["service"], "auth.introspect").allow

test_viewer_does_not_ask_about_tokens if not ask(["viewer"], "auth.introspect").allow

test_creator_does_not_ask_about_tokens if not ask(["creator"], "auth.authorize").allow
