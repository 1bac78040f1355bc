# Who may do what. Everything that is not allowed here is denied.
#
# input: {"principal": {"id": "...", "name": "...", "roles": ["..."]}, "action": "offers.read"}
# answer: decision = {"allow": true, "scope": "all"}; scope "own" covers what belongs to the
# principal, scope "all" everything of the kind.
package kontor.authz

import rego.v1

default decision := {"allow": false, "scope": "none"}

decision := {"allow": true, "scope": "all"} if granted(grants)

else := {"allow": true, "scope": "own"} if granted(own_grants)

granted(table) if {
	some role in input.principal.roles
	some pattern in table[role]
	matches(pattern, input.action)
}

matches(pattern, action) if pattern == action

matches(pattern, action) if {
	endswith(pattern, ".*")
	startswith(action, trim_suffix(pattern, "*"))
}

readers := [
	"offers.read", "offers.timeline", "valuations.read", "creators.read", "statements.read",
	"payouts.read", "ledger.read", "events.read",
]

# Who looks after the house sees what it allowed and refused, and by which rule.
watchers := ["policy.read", "decisions.read"]

grants := {
	"admin": [
		"offers.*", "valuations.*", "creators.*", "statements.*", "payouts.*", "ledger.*",
		"events.*", "bank.*", "users.*", "keys.*", "policy.*", "decisions.*", "auth.*",
	],
	"service": [
		"offers.*", "valuations.*", "creators.*", "statements.*", "payouts.*", "ledger.*",
		"events.*", "auth.*",
	],
	"underwriter": array.concat(readers, [
		"creators.write", "creators.open_as", "statements.write", "offers.create",
		"offers.value", "offers.reprice", "offers.set_amount", "offers.accept",
		"offers.decline", "offers.withdraw",
	]),
	"treasurer": array.concat(readers, [
		"offers.withdraw", "offers.withdraw_accepted", "payouts.request", "payouts.capital",
		"payouts.confirm", "ledger.write",
		"creators.recipient",
	]),
	"operator": array.concat(readers, watchers),
	"risk_officer": array.concat(readers, watchers),
	"viewer": readers,
}

# A creator sees his own deals and says yes or no to them. What the house thinks of a deal, who
# did what and over which rail it pays stay inside.
own_grants := {"creator": [
	"offers.read", "offers.reprice", "offers.accept", "offers.decline", "creators.read",
	"creators.recipient", "statements.read", "events.read",
]}
