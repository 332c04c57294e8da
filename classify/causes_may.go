package classify

import "safepublish/classify/pattern"

// What you may: permissions, scopes, access and trusted publishing.
//
// Trusted publishers: npm/documentation#2034 (2026-09-03: up to ten for a package, not
// edited but made anew, staging always allowed, publishing where it was ticked) and
// docs.npmjs.com/trusted-publishers (fields count letter by letter, the calling workflow
// counts, no self-hosted runners). npm trust needs 11.15 (npm 11.19.1 and 12.2.0,
// docs/content/commands/npm-trust.md), its --allow-publish does (npm/cli#9379).
//
// Staging: npm 11.15 (docs.npmjs.com/staged-publishing). A package that is new could not be
// staged first; since 2026-10-02 it can, with a login or a token, and its name is public at
// once with the version 0.0.0-stage
// (https://github.blog/changelog/2026-10-02-npm-staged-publishing-now-supports-creating-new-packages,
// npm/documentation, content/packages-and-modules/securing-your-code/staged-publishing.mdx).
// Tokens that may only stage:
// https://github.blog/changelog/2026-09-18-stage-only-npm-tokens-for-safer-automation.

var (
	saysTaken = pattern.New(`(?i)do not have permission to publish|package name is already taken`)
	// the second is GitHub Packages', of a private repository that the token may not see
	saysTheseCredentials = pattern.New(`(?i)may not perform that action with these credentials|repoacceptspackageuploads`)
)

var mayCauses = []*Cause{
	{
		ID: "oidc-denied", Rank: 420, Title: "${registry} took the CI's identity and does not let it publish ${package}",
		Why: "The exchange worked, the action was refused. npmjs.org uses one sentence for several reasons, so that they must be looked " +
			"at one by one. A package can have up to ten trusted publishers since 2026-09-03; each may stage, and may publish only where " +
			"that was ticked.",
		Happens: []string{
			"the trusted publisher may only stage: nobody ticked publishing",
			"a field differs from its entry: repository, workflow, environment; the case of letters counts",
			"the package's Publishing access setting does not allow it",
		},
		Confirm: []string{"npm trust list NAME  the entries and their permissions (npm 11.15 and later, logged in)"},
		Fix: []string{
			"If the entry may only stage, as it is unless publishing was ticked: safepublish --fix stage, or npm stage publish; a " +
				"maintainer then runs npm stage approve ID.",
			"To publish without that step, a maintainer adds an entry that may: ${trust}",
			"If there is one: compare it letter by letter with what this job presents: ${claims}. The list: ${entries}",
			"If a field differs: an entry is not edited but made anew; the old one is taken out: ${revoke}",
		},
		Prevent: "Change the entry together with the workflow.",
		Exit:    ExitNoPerm, Says: pattern.New(`(?i)OIDC permission denied`),
		ByIdentity: true,
		RuledOutBy: Clues{"oidc": {"no", "refused", "failed"}},
	},
	{
		ID: "oidc-not-configured", Rank: 425, Title: "trusted publishing is not set up for ${package} on ${registry}, or does not match this job",
		Why: "npm tried to exchange the CI's identity for a token, the registry refused, and npm went on without one. The refusal itself " +
			"stands in the debug log alone.",
		Happens: []string{
			"the package has no entry for this job, as before its first publish (npm/cli#8544)",
			"the entry has another file name (.yml or .yaml), repository or environment",
			"the entry names a reusable workflow; or the repository has the new subject claims (npm/cli#9969)",
			"a runner of your own; a job that was started again by SSH (CircleCI) or by a fork",
		},
		Confirm: []string{
			"npm trust list NAME  what the registry expects (npm 11.15 and later, logged in)",
			"npm publish --loglevel verbose  lines with oidc: what was answered",
		},
		Fix: []string{
			"Published before: compare letter by letter what this job presents, ${claims}, with the entries: ${entries}",
			"A maintainer lets the package trust this job, if no entry fits, with its environment if it has one: ${trust}",
			"First publish: no package is there that could trust this job. Once from a terminal: npm publish${public}",
			"On a runner of your own: npmjs.org takes none. Publish on one of the CI's own (runs-on: ubuntu-latest).",
			"Leave ${variable} out of the job: a dead token makes a 404 of the refusal.",
		},
		Prevent: "Renaming the workflow or the repository needs a new entry.",
		Exit:    ExitNoPerm, Tabled: true,
		ByIdentity: true,
		RuledOutBy: Clues{"oidc": {"no", "taken", "failed"}},
	},
	{
		ID: "oidc-not-offered", Rank: 427, Title: "this CI job gives npm neither an identity nor a token for ${registry}",
		Why: "With trusted publishing the CI proves to the registry which job this is. npm looked for such an identity, found none and " +
			"went on without one, and there was no token either. Nothing was sent.",
		Happens: []string{
			"the GitHub job lacks permissions: id-token: write, or the caller of a reusable workflow does",
			"the npm in the job is older than 11.5.1: Node.js 20 and 22 bring npm 10",
			"a pull request from a fork runs the job: it gets no identity and no secrets",
			"the GitLab job has no id_tokens, or under another name than NPM_ID_TOKEN",
			"a token was meant, and no .npmrc of the job names its variable",
		},
		Confirm: []string{
			"npm --version  11.5.1 or later",
			"npm publish --dry-run --loglevel silly  the lines that begin with oidc say why it was skipped",
		},
		Fix: []string{
			"With npm older than 11.5.1: use a later one in the job: a step npm install -g npm@11, or Node.js 24.",
			"In a GitHub job without an identity: write into the job (and a caller's) permissions: id-token: write, contents: read",
			"In a GitLab job without an identity: id_tokens: NPM_ID_TOKEN: with aud: npm:${audience}",
			"First publish: a package can trust a job only once it exists. Publish it once from a terminal, logged in: npm publish${public}",
			"In a CI that npmjs.org trusts: let the package trust the job: ${trust}",
			"If a token is meant: put it into a secret, and into the variable ${variable} that the job's .npmrc names.",
		},
		Prevent: "Let safepublish check run in the same job before the build.",
		Exit:    ExitConfig, Tabled: true,
		ByIdentity: true,
		RuledOutBy: Clues{"oidc": {"taken", "refused", "failed"}, "ci": {"none", "offers"}},
	},
	// npm 11.5.1 and later, lib/utils/oidc.js: whatever fails there is logged and no more.
	{
		ID: "oidc-unreachable", Rank: 428, Title: "trusted publishing failed on its way: the CI or ${registry} gave npm no token",
		Why: "For trusted publishing npm asks the CI for an identity and the registry for a token in exchange. One of the two did not " +
			"answer or failed for a moment. npm went on without a token and said only that nobody is logged in. Nothing was published.",
		Happens: []string{
			"the CI's own token endpoint was down or slow (5xx, a page instead of JSON)",
			"the registry's exchange was down, or takes no more requests for now (5xx, 429)",
			"a proxy or a firewall lets the job reach only one of them",
		},
		Confirm: []string{
			"npm publish --loglevel verbose  the lines that begin with oidc, and the answers above them",
			"https://www.githubstatus.com and https://status.npmjs.org  what is down",
		},
		Fix: []string{
			"Publish the same again: npm publish, or start the job again. It mostly works the second time.",
			"If it never works: see that the job reaches both its CI and ${host}; set NO_PROXY for the CI's own host where a proxy is set.",
		},
		Prevent: "Nothing on your side. safepublish waits and tries again by itself.",
		Exit:    ExitTempFail, Tabled: true,
		RuledOutBy: Clues{"oidc": {"no", "taken", "refused"}},
	},
	{
		ID: "stage-only", Rank: 500, Title: "these credentials may only stage ${package}: ${registry} wants npm stage publish",
		Why: "A token or a trusted publisher can be limited to staging: what it uploads waits until a person approves it. A direct " +
			"publish with it is refused.",
		Happens: []string{
			"the token's permission is \"read and write (stage only)\", which exists since 2026-09-18",
			"the trusted publisher may only stage: it was set up without --allow-publish",
		},
		Confirm: []string{
			"https://www.npmjs.com/settings/YOU/tokens  what each token may",
			"npm trust list NAME  what the trusted publishers may (npm 11.15 and later, logged in)",
		},
		Fix: []string{
			"safepublish --fix stage, or npm stage publish (npm 11.15 and later); a maintainer with a second factor then runs npm stage " +
				"approve ID.",
			"Or use credentials that may publish.",
			"First publish: since 2026-10-02 staging makes the package, and its name is public at once, with a placeholder 0.0.0-stage. " +
				"Older pages of npm say that a new package cannot be staged.",
		},
		Prevent: "Let the release job say safepublish --fix stage, or npm stage publish, where it has staging rights only.",
		Exit:    ExitNoPerm, Status: []int{0, 403},
		Says: pattern.Any(`(?i)can only be used to stage`, `stage[- ]only`, `use npm stage publish`),
	},
	{
		ID: "payment-required", Rank: 505, Own: true,
		Title: "${package} would be private on ${registry}, and the account has no plan for private packages",
		Why: "A package in a scope is restricted unless it is said to be public, and restricted packages cost money. Nearly always the " +
			"package was meant to be public.",
		Happens: []string{
			"the first publish of a scoped package without --access public",
			"publishConfig.access or --access says restricted",
			"the scope is misspelt, and so not the organization that has a plan",
			"the plan has ended",
		},
		Confirm: []string{"npm config get access  null: the registry decides, restricted for a new scoped package"},
		Fix: []string{
			"If everyone may install it: npm publish --access public. What others have copied by then cannot be called back.",
			"To keep that: \"publishConfig\": { \"access\": \"public\" } in package.json",
			"If it must stay private: a paid plan for the user or the organization ${org}.",
		},
		Prevent: "Put publishConfig.access into package.json when the package is made.",
		Exit:    ExitNoPerm, Status: []int{402},
	},
	{
		ID: "unscoped-restricted", Rank: 510, Own: true, Title: "${package} has no scope and so cannot be restricted",
		Why:     "Only packages in a scope can have restricted access. npm stops before it sends anything.",
		Happens: []string{"--access restricted, or publishConfig.access, with a name without a scope", "access=restricted in an .npmrc"},
		Confirm: []string{"npm config get access  what npm would send", "npm pkg get name publishConfig  what the package says"},
		Fix: []string{
			"To publish it for everyone: leave --access restricted out, on the command line, in publishConfig and in .npmrc.",
			"To keep it from strangers: put it into a scope, @${user}/${base}; that needs a paid plan.",
		},
		Prevent: "Decide on scope and access together. \"private\": true keeps a package from being published at all.",
		Exit:    ExitData, Codes: []string{"EUNSCOPED"},
	},
	{
		ID: "scope-not-found", Rank: 515, Title: "${scope} does not exist on ${registry}, or is not yours to see",
		Why: "The part before the slash must be your user name or an organization that you belong to. Publishing does not create it; " +
			"npm's text then tells you to publish the package yourself.",
		Happens: []string{
			"the organization was never created, or the scope is misspelt",
			"the scope is the name on GitHub, and the account on npm has another",
			"the package was meant for another registry (GitHub Packages, a company's)",
		},
		Confirm: []string{
			"npm whoami  your own scope is @ and this name",
			"npm org ls NAME-OF-ORG  whether the organization exists, and you belong to it",
		},
		Fix: []string{
			"Rename the package to a scope of yours: npm pkg set name=@${user}/${base}",
			"Or create the organization ${org} (free for public packages): https://www.npmjs.com/org/create",
			"Or ask its owner to add you: npm org set ${org} ${user}${at}",
		},
		Prevent: "Create the organization before the first package.",
		Exit:    ExitData, Status: []int{0, 403, 404},
		Says:       pattern.Any(`(?i)scope not found`, `owner not found`, `the expected resource was not found`),
		RuledOutBy: Clues{"scope": {"none", "there"}},
	},
	{
		ID: "name-taken", Rank: 525, Own: true, Title: "the name${name} belongs to somebody else on ${registry}",
		Why: "\"You do not have permission to publish … Are you logged in as the correct user?\" does not mean that npm tried to log in " +
			"as the package: a package of this name exists, and you are not among its maintainers.",
		Happens: []string{
			"the name was taken before you came, perhaps long ago and by a package nobody uses",
			"the package is yours under another account",
		},
		Confirm: []string{"npm view NAME maintainers time.created  whose it is, and since when", "npm whoami  who you are"},
		Fix: []string{
			"Publish under your own scope: npm pkg set name=@${user}/${base}, then npm publish --access public",
			"Choose another name. npm view NEW-NAME answering 404 is a good sign, not a promise (see name-too-similar).",
			"Or ask who has it (${owners}) for it: npm owner add ${user} ${package}${at}",
			"By hand: if it is yours under another account: npm login${at}",
		},
		Prevent: "Look the name up before you choose it, or use a scope, where every name is free.",
		Exit:    ExitNoPerm, Status: []int{0, 403}, Says: saysTaken,
		RuledOutBy: Clues{"scoped": {"yes"}, "package": {"unseen"}, "write": {"yes"}},
	},
	{
		ID: "no-permission", Rank: 530, Own: true, Title: "this account${as} may not publish ${package} on ${registry}",
		Why: "The registry knows who you are, and the package does not list you among those who may write it. npmjs.org says so with " +
			"403, and hides it behind 404 where it would give a private package away.",
		Happens: []string{
			"npm is logged in as another account than the one that maintains the package",
			"the account was never added as a maintainer, or to the team that has write access",
			"the package is new in a scope where this account may not create packages",
			"the name belongs to somebody else (see name-taken)",
		},
		Confirm: []string{
			"npm whoami --registry=URL  the account in use",
			"npm owner ls NAME  who may publish it",
			"npm access list collaborators NAME  with which access",
		},
		Fix: []string{
			"By hand: log in as an account that may: npm login${at}",
			"In CI: put a token of an account that may write the package (${owners}) into ${holder}.",
			"Or ask a maintainer (${owners}): npm owner add ${user} ${package}${at} (in an organization: the team's access)",
		},
		Prevent: "Check npm whoami before a release, and give every package a second maintainer.",
		Exit:    ExitNoPerm, Status: []int{0, 403}, Says: pattern.Any(
			`(?i)do not have permission to publish`, `is not allowed to publish package`, `not authorized to modify`,
			`no permission to upload`, `permission_denied: write_package`, `does not have permission`, `lacks permission`,
			`is not a collaborator for`, `not have write permissions? required to publish`, `permission "artifactregistry[^"]*" denied`,
			`(?m:^(?:403 )+\S+ - PUT \S+ - unauthorized$)`,
		),
		RuledOutBy: Clues{"token": {"nobody"}, "alive": {"no"}, "write": {"yes"}},
	},
	{
		ID: "token-scope", Rank: 535, Title: "the token is alive and may not publish ${package} on ${registry}",
		Why: "The account may publish the package, the token may not: it is read-only, was made for other packages or organizations, or " +
			"is bound to other addresses.",
		Happens: []string{
			"a granular token has read access only, or does not list this package or its scope",
			"a granular token limited to existing packages publishes a new one",
			"the token is limited to a range of IP addresses",
			"\"with these credentials\": also an account that wants a second factor for its unscoped packages",
			"GitHub Packages: the token lacks write:packages, or the repository's owner is not the scope",
		},
		Confirm: []string{
			"https://www.npmjs.com/settings/YOU/tokens  what each token may, and until when",
			"npm access list collaborators NAME  whether the account itself may",
		},
		Fix: []string{
			"First publish: a token for existing packages cannot create one. Make one for all packages, or for the whole scope.",
			"Make a token with read and write for ${package}, and put it into ${holder}.",
			"In a CI that npmjs.org trusts: or let the package trust this job, and leave the token out: ${trust}",
			"By hand: or publish from the terminal, logged in: npm login${at}",
		},
		Prevent: "Use trusted publishing, which is bound to one package and one workflow.",
		Exit:    ExitNoPerm, Status: []int{0, 401, 403}, Says: pattern.Any(
			`(?i)read-only token`, `granted the required scopes`, `match expected scopes`, `installation not allowed to`,
			`requested installation does not exist`, `login is not allowed from your ip`, `\] can't access package`,
		),
		RuledOutBy: Clues{"login": {"none", "empty", "unset", "placeholder"}, "token": {"nobody"}, "alive": {"no"}, "write": {"no"}},
	},
}
