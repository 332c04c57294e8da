package classify

// The honest ends: what can be said where nothing decides. None is ever Sure.

var endCauses = []*Cause{
	{
		ID: "refused", Rank: 995, Title: "${registry} refused ${release}${reason}",
		Why: "The registry refused and said why, in words that safepublish does not know. They are quoted as they are. Trust them more than " +
			"any guess.",
		Happens: []string{
			"the registry has a new rule, or one of its own",
			"a plugin, a proxy or a firewall in front of the registry answered in its own words",
		},
		Confirm: []string{"npm publish --loglevel verbose  shows more", "npm view NAME@VERSION  is the version there"},
		Fix: []string{
			"Do what the sentence says.",
			"If that is not enough: search the web for the sentence in quotation marks, together with ${host}.",
			"Then ask the people who run the registry; for npmjs.org: https://www.npmjs.com/support",
		},
		Prevent: "Report the sentence to the safepublish project; it then gets a page of its own.",
		Exit:    ExitNoPerm, When: (*Case).givesReason, End: true, Quotes: true,
	},
	{
		ID: "forbidden-unexplained", Rank: 1000, Title: "${registry} refused ${release} with 403 Forbidden, for a reason that is not known",
		Why: "The registry refused, and neither its words nor its answers say why. npm's \"forbidden by your security policy\" means nothing: " +
			"npm prints it with every 403. The reason may be in a part of the answer that npm does not show.",
		Happens: []string{
			"this account may not publish the package (no-permission), which may be somebody else's (name-taken)",
			"the account may publish it, but the token may not (token-scope)",
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
			"Check whether the version is already there: npm view ${package}@${version}${at}",
			"If npm whoami knows you: check who may publish it. If you are listed, the token is what lacks the right: npm owner ls ${package}${at}",
			"In CI: check whose token the job has; often it may not publish this package. In the job: npm whoami${at}",
			"npm 12 shows more of the answer than npm 11: npx npm@12 publish",
			"Ask the people who run ${host}: its log says why.",
		},
		Prevent: "Check whoami and the version before a release.",
		Exit:    ExitNoPerm, Status: []int{403}, End: true,
	},
	{
		ID: "not-found-unexplained", Rank: 1005, Title: "${registry} answered 404 to the upload of ${release}; that can mean several things",
		Why: "A 404 to an upload does not mean that the package is missing. The registry also answers 404 when it does not accept the login, " +
			"or when the account may not publish. It is the most common failure on npmjs.org, also for packages that exist.",
		Happens: []string{
			"the login or token has expired or was revoked (token-invalid)",
			"the scope does not exist, or you do not belong to it (scope-not-found)",
			"a granular token may not create a new package (token-scope)",
			"no trusted publisher fits this CI job (oidc-not-configured)",
			"the variable that .npmrc names is empty or a placeholder (token-unset)",
			"the package is somebody else's (no-permission), or the address is not a registry (wrong-registry)",
		},
		Confirm: []string{
			"npm whoami --registry=URL  401: the token is no longer valid, or it is a granular one",
			"npm view NAME  does the package exist",
			"npm access list collaborators NAME  may you write it",
			"npm org ls ORG  does the scope exist, do you belong to it",
		},
		Fix: []string{
			"By hand: log in and publish again, which fixes the most common case: npm login${at}",
			"In CI: check the token first; if the answer is 401, put a new one into ${holder}. In the job: npm whoami${at}",
			"In a CI that npmjs.org trusts: if the job should need no token, compare what it presents (${claims}) with the trusted publishers: " +
				"${entries}",
			"If npm whoami knows you: check whether the account may publish it. If it may, the token may not: npm access list collaborators " +
				"${package}${at}",
			"First publish: check whether the token may create a package; a trusted publisher cannot. A person can: npm publish${public}",
		},
		Prevent: "Log in right before a release. In CI use trusted publishing.",
		Exit:    ExitNoPerm, Status: []int{404}, End: true,
	},
	{
		ID: "unauthorized-unexplained", Rank: 1010, Title: "${registry} refused the login with 401 Unauthorized, for a reason that is not known",
		Why: "The registry did not accept the credential that npm sent, or wants another kind. npm shows little of such an answer.",
		Happens: []string{
			"the token is no longer valid, although whoami still accepts it (token-invalid)",
			"the registry wants another way to log in (Negotiate, Basic)",
			"the credential is for another registry on the same host",
			"a proxy in front of the registry asks for a login of its own",
		},
		Confirm: []string{"npm whoami --registry=URL  does the registry know you", "npm config list  which .npmrc holds the credential"},
		Fix: []string{
			"By hand: log in and publish again: npm login${at}",
			"In CI: make a new token and put it into ${holder}.",
			"Follow the registry's own guide for npm: Nexus, Artifactory and Azure Artifacts each need their own line in the .npmrc.",
		},
		Prevent: "Try a new credential with npm whoami before a release.",
		Exit:    ExitNoPerm, Status: []int{401}, End: true,
	},
	{
		ID: "unknown", Rank: 1015, Title: "npm publish failed${failure}",
		Why: "Nothing that npm said matches a known cause. safepublish does not guess: npm's own words are shown as they are.",
		Happens: []string{
			"a registry or a plugin with words of its own",
			"an error of npm or the machine: a full disk, a folder that cannot be written",
			"npm was run with --silent and left no debug log",
		},
		Confirm: []string{"npm view NAME@VERSION  was it published after all", "npm publish --loglevel verbose  shows more"},
		Fix: []string{
			"First check whether the version was published after all: npm view ${package}@${version}${at}",
			"Read npm's last lines and its debug log; npm prints the path of the log at the end.",
			"Search for npm's sentence in quotation marks: https://github.com/npm/cli/issues",
		},
		Prevent: "Report the sentence to the safepublish project; it then gets a page of its own.",
		End:     true,
	},
}
