package classify

// The honest ends: what can be said where nothing decides. None is ever Sure.

var endCauses = []*Cause{
	{
		ID: "refused", Rank: 995, Title: "${registry} refused ${release}${reason}",
		Why: "The registry said no and says why, in words that safepublish does not know. They are quoted as they are, and they count " +
			"for more than any guess.",
		Happens: []string{
			"a rule of the registry that is new, or its own",
			"a plugin, a proxy or a firewall before the registry that has words of its own",
		},
		Confirm: []string{"npm publish --loglevel verbose  says more", "npm view NAME@VERSION  is the version there"},
		Fix: []string{
			"Do what the sentence says.",
			"If it does not say what to do: search for it in quotation marks, with ${host}.",
			"Then ask whoever runs the registry; for npmjs.org: https://www.npmjs.com/support",
		},
		Prevent: "Tell us the words, so that the next one gets a page of its own.",
		Exit:    ExitNoPerm, When: (*Case).givesReason, End: true, Quotes: true,
	},
	{
		ID: "forbidden-unexplained", Rank: 1000, Title: "${registry} refused ${release} with 403 Forbidden, for a reason that is not known",
		Why: "The registry said no, and neither its words nor its answers tell why. npm's \"forbidden by your security policy\" means " +
			"nothing: it is printed with every 403. The reason may stand in a part of the answer that npm does not show.",
		Happens: []string{
			"this account may not publish the package (no-permission), which may be somebody else's (name-taken)",
			"the account may, and the token may not (token-scope)",
			"the version exists: Artifactory hides that behind a bare 403 (version-exists)",
			"a new account's e-mail address is not verified, or a second factor is missing",
			"a proxy or a firewall answered in the registry's place",
		},
		Confirm: []string{
			"npm whoami --registry=URL  who you are to this registry",
			"npm view NAME@VERSION  is the version there",
			"npm owner ls NAME  may you publish it",
		},
		Fix: []string{
			"See whether the version is there already: npm view ${package}@${version}${at}",
			"Where whoami knows you: see whether you may publish it; if you may, the token may not: npm owner ls ${package}${at}",
			"In CI: see whose token it is, most often one that may not publish this package. In the job: npm whoami${at}",
			"npm 12 shows more of the answer than npm 11: npx npm@12 publish",
			"Ask whoever runs ${host}: its own log says why.",
		},
		Prevent: "Check whoami and the version before a release.",
		Exit:    ExitNoPerm, Status: []int{403}, End: true,
	},
	{
		ID: "not-found-unexplained", Rank: 1005, Title: "${registry} answered 404 to the upload of ${release}; that can mean several things",
		Why: "A 404 to an upload does not mean that the package is missing: the registry hides behind it that it does not accept the " +
			"login or the permission. This is the commonest failure of a publish on npmjs.org, also for packages that exist.",
		Happens: []string{
			"the login or token has expired or was revoked (token-invalid)",
			"the scope does not exist, or you do not belong to it (scope-not-found)",
			"a granular token may not create a new package (token-scope)",
			"no trusted publisher fits this CI job (oidc-not-configured)",
			"the variable that .npmrc names is empty or a placeholder (token-unset)",
			"it is somebody else's (no-permission), or the address no registry (wrong-registry)",
		},
		Confirm: []string{
			"npm whoami --registry=URL  401: the token is dead, or a granular one",
			"npm view NAME  does the package exist",
			"npm access list collaborators NAME  may you write it",
			"npm org ls ORG  does the scope exist, do you belong to it",
		},
		Fix: []string{
			"By hand: log in first and publish again, which mends the commonest case: npm login${at}",
			"In CI: check the token first; after a 401 put a new one into ${holder}. In the job: npm whoami${at}",
			"In a CI that npmjs.org trusts: if no token is meant, compare what this job presents, ${claims}, with ${entries}",
			"Where whoami knows you: check first whether this account may write it; if it may, the token may not: npm access list " +
				"collaborators ${package}${at}",
			"First publish: check first whether the token may create a package; no trusted publisher can. A person can: npm publish${public}",
		},
		Prevent: "Log in right before a release; in CI use trusted publishing.",
		Exit:    ExitNoPerm, Status: []int{404}, End: true,
	},
	{
		ID: "unauthorized-unexplained", Rank: 1010, Title: "${registry} refused the login with 401 Unauthorized, for a reason that is not known",
		Why: "The registry did not accept the credential that npm sent, or wants another kind. npm shows little of such an answer.",
		Happens: []string{
			"the token is dead, though whoami accepts it for reading (token-invalid)",
			"the registry wants another way to log in (Negotiate, Basic)",
			"the credential is for another registry on the same host",
			"a proxy before the registry asks for a login of its own",
		},
		Confirm: []string{"npm whoami --registry=URL  does the registry know you", "npm config list  which .npmrc holds the credential"},
		Fix: []string{
			"By hand: log in and publish again: npm login${at}",
			"In CI: make a new token and put it into ${holder}.",
			"Follow the registry's own guide for npm: Nexus, Artifactory and Azure Artifacts each want a line of their own.",
		},
		Prevent: "Try a new credential with npm whoami before a release.",
		Exit:    ExitNoPerm, Status: []int{401}, End: true,
	},
	{
		ID: "unknown", Rank: 1015, Title: "npm publish failed${failure}",
		Why: "Nothing that npm said fits a known cause. safepublish does not guess: npm's own words are shown as they are.",
		Happens: []string{
			"a registry or a plugin with words of its own",
			"an error of npm or of the machine: no space, no right to write",
			"npm was run with --silent and left no debug log",
		},
		Confirm: []string{"npm view NAME@VERSION  was it published after all", "npm publish --loglevel verbose  says more"},
		Fix: []string{
			"Look first whether the version is there after all: npm view ${package}@${version}${at}",
			"Read npm's last lines, and the debug log whose path npm prints at the end. What npm says there counts.",
			"Search for npm's sentence in quotation marks: https://github.com/npm/cli/issues",
		},
		Prevent: "Tell us the words, so that the next one gets a page of its own.",
		End:     true,
	},
}
