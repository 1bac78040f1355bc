# Who may do what. Everything that is not allowed here is denied.
#
# input: {"principal": {"id": "...", "name": "...", "roles": ["..."]}, "action": "offers.read"}
# answer: decision = {"allow": true, "scope": "all"}
package kontor.authz

import rego.v1

default decision := {"allow": false, "scope": "none"}

decision := {"allow": true, "scope": "all"} if {
	some role in input.principal.roles
	some pattern in grants[role]
	matches(pattern, input.action)
}

matches(pattern, action) if pattern == action

matches(pattern, action) if {
	endswith(pattern, ".*")
	startswith(action, trim_suffix(pattern, "*"))
}

readers := [
	"offers.read", "creators.read", "statements.read", "payouts.read", "ledger.read",
	"events.read",
]

grants := {
	"admin": [
		"offers.*", "creators.*", "statements.*", "payouts.*", "ledger.*", "events.*",
		"bank.*", "users.*",
	],
	"service": [
		"offers.*", "creators.*", "statements.*", "payouts.*", "ledger.*", "events.*",
	],
	"underwriter": array.concat(readers, [
		"creators.write", "statements.write", "offers.create", "offers.value", "offers.reprice",
		"offers.set_amount", "offers.accept", "offers.decline", "offers.withdraw",
	]),
	"treasurer": array.concat(readers, [
		"offers.withdraw", "payouts.request", "payouts.capital", "ledger.write",
		"creators.recipient",
	]),
	"operator": readers,
	"risk_officer": readers,
	"viewer": readers,
}
