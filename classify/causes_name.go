package classify

import "safepublish/classify/pattern"

// The name, the version and the dist-tag.

// saysNoTag: npm-package-arg, lib/npa.js, of a package without a name, whatever the dist-tag.
var saysNoTag = pattern.New(`of\s+package\s+"@[^/"]*"`)

var nameCauses = []*Cause{
	{
		ID: "name-too-similar", Rank: 600, Own: true,
		Title: "${registry} finds the name${name} too similar to another package${suggestion}",
		Why: "npmjs.org refuses a new name that looks like that of a package in use. Punctuation does not count (my-pkg, mypkg); for popular " +
			"packages a letter or two do not count either. Even a name that npm view does not find can be refused.",
		Happens: []string{
			"it differs from an existing name only by a hyphen, a dot or an underscore",
			"it is one or two letters away from a popular package",
		},
		Confirm: []string{"npm view SIMILAR-NAME  the package that the message names"},
		Fix: []string{
			"Publish in your own scope: npm pkg set name=@${user}/${base}, then npm publish --access public",
			"Or choose a name that differs more.",
		},
		Prevent: "In a scope no name is too similar.",
		Exit:    ExitData,
		Says: pattern.New(`(?i)package name too similar to existing packages?(?: (?P<similar>[^;]{1,200});)?` +
			`(?:.*?renaming your package to '(?P<suggested>[^']+)')?`),
	},
	{
		ID: "name-blocked", Rank: 605, Own: true, Title: "${registry} refused the name${name}: a spam filter stopped it",
		Why: "A filter against spam and abuse refused the name or the contents. It is not a rate limit, and no permission is missing.",
		Happens: []string{
			"a generated name such as tool-win32-x64-msvc, although its siblings passed",
			"the filter knows a word in the name or the description",
		},
		Confirm: []string{"npm view NAME  404: nobody uses the name"},
		Fix: []string{
			"Publish again later: a second try has worked for others.",
			"Use a scope or another name.",
			"Ask npm's support to allow the name: https://www.npmjs.com/support",
		},
		Prevent: "Publish the generated packages before the main one. A refusal then shows early.",
		Exit:    ExitData, Says: pattern.Any(`(?i)triggered spam detection`, `unacceptable content`, `that word is not allowed`),
	},
	{
		ID: "name-invalid", Rank: 610, Own: true, Title: "npm does not accept ${naming} as a package name",
		Why: "A name has at most 214 characters: lower-case letters, digits, hyphens, dots and underscores. It must not begin with a dot or an " +
			"underscore. If the name is empty, npm complains of an invalid tag \"@latest\".",
		Happens: []string{
			"there are capital letters or spaces in the name",
			"package.json has no name",
			"it is the name of a module of Node.js (http, fs)",
			"a company's registry accepts only names in its own scopes",
		},
		Confirm: []string{"npm pkg get name  the name as npm reads it"},
		Fix:     []string{"Set a name that follows these rules: npm pkg set name=NEW-NAME"},
		Prevent: "Let npm init suggest the name.",
		Exit:    ExitData,
		When:    func(c *Case) bool { return c.Code != "E404" || !c.specAsked() }, // else it is about the name that was asked for
		Says: pattern.Any(
			`(?i)is invalid for new packages`, `name must be lower ?case`, `must have all-lowercase names`, `(?m:^invalid name: )`,
			`- invalid name$`, `can no longer contain capital`, `requires a "name" field`, `name field must be a string`,
			`of package "@[^/"]*":`, `properties of undefined \(reading 'trim'\)`, `package scope required`, `not match legal scopes`,
			`validation failed: name `, `- invalid package name`, `^invalid package name "`, `code EINVALIDPACKAGENAME$`,
			`package\.name invalid`, `package name is invalid`,
		),
	},
	{
		ID: "prerelease-tag", Rank: 615, Own: true, Title: "${release} is a prerelease and needs a dist-tag of its own",
		Why: "Without --tag npm would make it latest, which npm install gives to everyone. npm 11 and later refuse that; npm 10 and older do " +
			"it silently.",
		Happens: []string{
			"a version such as 2.0.0-beta.1 is published without --tag",
			"publishConfig.tag is set, but npm is 11.0.0, which ignores it",
			"the release tool does not know this rule of npm 11",
		},
		Confirm: []string{"npm pkg get version publishConfig.tag", "npm dist-tag ls NAME  the dist-tags that exist"},
		Fix: []string{
			"Give it a dist-tag (beta, next, alpha, rc): npm publish --tag beta. People then install it with npm install ${package}@beta",
			"If it should be latest after all: npm publish --tag latest",
		},
		Prevent: "Put \"publishConfig\": { \"tag\": \"beta\" } into package.json on the branch for prereleases.",
		Exit:    ExitData,
		Says:    pattern.New(`(?m)^You must specify a tag using --tag(?: when publishing a prerelease version)?\.?$`),
	},
	{
		ID: "latest-behind", Rank: 620, Own: true, Title: "${release} is lower than ${highest}, and would become latest on ${registry}",
		Why: "Without --tag npm would move latest to this version, and everyone who installs the package would get an older line. npm 11 and " +
			"later refuse that; npm 10 and older do it silently.",
		Happens: []string{
			"a fix for an older line, 1.4.2 while 2.0.0 is out",
			"the version in package.json is too low, or the branch is old",
		},
		Confirm: []string{"npm dist-tag ls NAME  which version is latest now", "npm view NAME versions --json"},
		Fix: []string{
			"For an older line: npm publish --tag latest-1. People get it by their version range, or with npm install ${package}@latest-1",
			"If the version is a mistake: raise it above ${highest}.",
		},
		Prevent: "Give maintenance branches \"publishConfig\": { \"tag\": \"latest-1\" }.",
		Exit:    ExitData,
		Says: pattern.New(`Cannot implicitly apply the "\w+" tag because previously published version (?P<highest>\S+) ` +
			`is higher than the new version (?P<version>\S+?)\.?(?: |$)`),
	},
	{
		ID: "tag-invalid", Rank: 625, Own: true, Title: "${tag} cannot be a dist-tag",
		Why: "A dist-tag is a word such as beta. A version or a range (1.0.0, v4, 1.x, x) cannot be one, because npm install NAME@v4 would " +
			"then mean two things. That is what npm means by \"must not be a valid SemVer range\".",
		Happens: []string{
			"the version or the git tag was passed as --tag",
			"--tag was given without a value",
			"it is a branch name with a slash or a space in it",
		},
		Confirm: []string{"npm config get tag  the dist-tag in use", "npm pkg get publishConfig.tag"},
		Fix:     []string{"Use a word: --tag latest-1 or --tag release-1.x instead of --tag 1.x"},
		Prevent: "Derive the dist-tag from the kind of release, not from its version.",
		Exit:    ExitData,
		Says: pattern.Any(
			`(?i)tag name must not be a valid semver range:? ?(?P<tag>\S*)`,
			`^invalid tag name "(?P<tag>[^"@]+)"\s+of\s+package\s+"(?:@[^/"]+/)?[^@/"]+@`, `the tag name is invalid`,
			`\] tag: must match format`, `tags\s+may\s+not\s+have\s+any\s+characters\s+that`, `code EINVALIDTAGNAME$`,
		),
		When: func(c *Case) bool { return !saysNoTag.MatchString(c.said()) && !saysArgument.MatchString(c.said()) },
	},
	{
		ID: "version-invalid", Rank: 630, Own: true, Title: "the version in package.json is missing or is not a semantic version",
		Why: "A version has three numbers (1.0.0), and may have a prerelease after a hyphen (1.0.0-beta.1). If it is missing, npm 11 and 12 " +
			"say \"Cannot read properties of null (reading 'prerelease')\".",
		Happens: []string{
			"it has only two numbers (1.0), a leading zero or a space",
			"it is missing, in a package that was made for use inside a workspace",
			"a build did not replace a placeholder",
		},
		Confirm: []string{"npm pkg get version  the version as npm reads it"},
		Fix: []string{"Set a version that is free: npm version 1.0.0 --no-git-tag-version", "Or write it into package.json alone: npm pkg " +
			"set version=1.0.0"},
		Prevent: "Let npm version change it.",
		Exit:    ExitData, Status: []int{0, 400, 422},
		Says: pattern.Any(
			`(?im)^invalid version: `, `^invalid semver`, `requires a valid "version" field`, `of null \(reading 'prerelease'\)`,
			`version is empty\.`, `validation failed: version `, `\] version: must `, `package version is invalid`,
		),
	},
}
