package classify

import (
	"strings"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// The package: its manifest, its scripts, its provenance.

var enoent = pattern.New(`ENOENT: no such file or directory, (?:open|stat) '([^']+)'`)

// specAsked tells whether npm looked for what it was told to publish on the registry.
func (c *Case) specAsked() bool {
	said := c.said()
	return ofAGet.MatchString(said) && !strings.Contains(said, "/visibility")
}

func notSent(c *Case) bool { return c.upload() == transcript.NotSent }

// manifestMissing tells whether the manifest that npm did not find is that of the
// folder it ran in, and not of one that was named.
func (c *Case) manifestMissing() bool {
	m := enoent.FindStringSubmatch(c.said())
	if m == nil || m[1] == "package.json" {
		return m != nil
	}
	folder, found := strings.CutSuffix(m[1], "package.json")
	return found && c.Cwd != "" && strings.TrimRight(folder, `/\`) == strings.TrimRight(c.Cwd, `/\`)
}

// saysSigning: codes and words of sigstore-js, of npm's own where it makes a statement and
// of the registry's where it checks one.
var saysSigning = pattern.Any(
	`CA_CREATE_SIGNING_CERTIFICATE_ERROR`, `T(?:LOG|SA)_(?:CREATE|FETCH)_\w+_ERROR`, `IDENTITY_TOKEN_(?:READ|PARSE)_ERROR`,
	`error creating (?:tlog entry|signing certificate)`, `error refreshing TUF metadata`,
)

// saysMismatch: npmjs.org, of a statement that does not fit package.json, and npm of one
// that was made beforehand (libnpmpublish, lib/provenance.js).
var saysMismatch = pattern.New(`(?i)validate repository information(?:.*expected to match "(?P<expected>https?://[^"\s]+)")?` +
	`|Provenance subject .* does not match`)

// saysNotAllowed: npmjs.org, of a private or internal repository and a self-hosted runner.
var saysNotAllowed = pattern.New(`(?i)unsupported (?:github actions|gitlab)[^:]*(?:visibility|environment): "(?P<what>[^"]+)"`)

// saysUnnamed: yarn 2 and later, plugin-npm-cli, sources/commands/npm/publish.ts.
var saysUnnamed = pattern.New(`(?i)must have valid names and versions to be published`)

// saysTooLarge: GitLab, of the tarball and of package.json.
var saysTooLarge = pattern.New(`(?i)file is too large|structure is too large`)

var packageCauses = []*Cause{
	{
		ID: "private-package", Rank: 700, Own: true, Title: "package.json marks ${package} as private",
		Why: "\"private\": true says that this package must never be published, and npm obeys. It is nearly always right: look twice before " +
			"you remove it.",
		Happens: []string{
			"npm publish ran at the root of a workspace, not in the package",
			"the package is an application, or a template added the field",
			"the package was private and should now be public",
		},
		Confirm: []string{
			"npm pkg get name private  what this folder's package.json says",
			"npm pkg get name --workspaces  the packages of the workspace",
		},
		Fix: []string{
			"At the root of a workspace: publish its packages (safepublish --workspaces), or one of them: safepublish -w NAME",
			"Only if everyone may install it: npm pkg delete private, then npm publish",
		},
		Prevent: "Keep the field in every package.json that must never be published.",
		Exit:    ExitData,
		Codes:   []string{"EPRIVATE", ""},
		Says:    pattern.Any(`(?i)marked as private`, `attempted to publish a private package`, `private workspaces cannot be published`),
	},
	// The registry's words: projen/projen#3866; npm/documentation, generating-provenance-statements
	// and trusted-publishers (no provenance of a private repository, no self-hosted runner at all).
	{
		ID: "provenance-not-allowed", Rank: 703, Title: "${registry} accepts no provenance from ${origin}",
		Why: "Provenance says in public where a package was built. The registry accepts it only from a public repository and from a runner " +
			"that the CI hosts. Nothing is wrong with the package, and nothing was published. The statement is already in the public log.",
		Happens: []string{
			"the repository is private or internal, but --provenance or publishConfig.provenance asks for provenance",
			"the job runs on a self-hosted runner",
		},
		Confirm: []string{
			"npm config get provenance  whether provenance is asked for",
			"gh repo view --json visibility  whether the repository is public",
		},
		Fix: []string{
			"Publish without provenance: npm publish --no-provenance. Trusted publishing works from a private repository too.",
			"For good: remove provenance where it is set: publishConfig in package.json, NPM_CONFIG_PROVENANCE in the job, or an .npmrc.",
			"To keep it: publish from a public repository, on a runner that the CI hosts (GitHub: runs-on: ubuntu-latest).",
		},
		Prevent: "Ask for provenance only in the workflows of public repositories.",
		Exit:    ExitConfig, Says: saysNotAllowed, Check: checkOrigin,
	},
	{
		ID: "provenance-mismatch", Rank: 705, Own: true, Title: "the provenance of ${package} does not match its package.json",
		Why: "The registry compares the signed statement of where the package was built with the package itself, above all with " +
			"repository.url. They differ. The statement is already in the public log; the package is not published.",
		Happens: []string{
			"repository.url is missing or names another repository: a fork, or the old name of one that was renamed or moved",
			"repository.url differs from the repository's name in upper and lower case, which matters",
		},
		Confirm: []string{"npm pkg get repository  what the package says; the message says what was expected"},
		Fix: []string{
			"Name the repository as the registry expects it: npm pkg set repository.url=git+${expected}.git",
			"Or publish without provenance: npm publish --no-provenance",
		},
		Prevent: "Set repository.url when you create the package, and whenever the repository moves.",
		Exit:    ExitData, Says: saysMismatch,
	},
	{
		ID: "provenance-unavailable", Rank: 710, Title: "npm cannot make a provenance statement here",
		Why: "Provenance needs a CI that npm knows, and an identity from it. Nothing was sent.",
		Happens: []string{
			"the GitHub job lacks permissions: id-token: write; the GitLab job has no SIGSTORE_ID_TOKEN",
			"--provenance, or publishConfig.provenance, on a laptop or in another CI",
			"the package is new or private, and nothing says that it is public",
		},
		Confirm: []string{"npm config get provenance  whether provenance is asked for", "npm pkg get publishConfig.provenance"},
		Fix: []string{
			"In GitHub Actions: give the job permissions: id-token: write",
			"In GitLab CI: give the job id_tokens: { SIGSTORE_ID_TOKEN: { aud: sigstore } }",
			"On a laptop or in another CI: npm publish --no-provenance",
			"If the message speaks of a new or private package, and everyone may install it: npm publish --access public",
		},
		Prevent: "Ask for provenance in the CI job, not in package.json.",
		Exit:    ExitConfig,
		Says: pattern.Any(
			`(?i)provenance generation`, `can't generate provenance`, `provenance and provenanceFile`,
			`- GET \S+/-/package/\S+/visibility`, // what npm asks before it makes one (libnpmpublish, publish.js)
		),
	},
	// The codes of sigstore-js, which npm prints as its own. That the log already has an
	// equivalent entry (409) comes of its own second try; a new run has a new certificate
	// and so another entry (serac-labs/serac#248, vercel/turborepo#12959).
	{
		ID: "provenance-failed", Rank: 712,
		Title: "the signing services failed, so the provenance could not be made or checked; nothing was published",
		Why: "Before the upload npm asks the CI for an identity, a certificate authority (Fulcio) for a certificate and a public log (Rekor) " +
			"for an entry. The registry checks the statement with their keys. One of them failed. The package is not the reason.",
		Happens: []string{
			"the public log answered 409, \"an equivalent entry already exists\": npm's own second try met its first",
			"Fulcio, Rekor or the CI's own token endpoint was down or slow, or a firewall does not let npm reach it",
		},
		Confirm: []string{"curl -sI https://rekor.sigstore.dev/api/v1/log  200: the log answers", "https://status.sigstore.dev  what is down"},
		Fix: []string{
			"Publish again: npm publish. The second try mostly works.",
			"If it cannot wait: npm publish --no-provenance",
			"If a firewall is in the way: let the job reach fulcio.sigstore.dev, rekor.sigstore.dev and tuf-repo-cdn.sigstore.dev.",
		},
		Prevent: "Nothing to do. safepublish waits and tries again by itself.",
		Exit:    ExitTempFail,
		Says:    saysSigning,
	},
	{
		ID: "manifest-invalid", Rank: 715, Own: true, Title: "${manifest}",
		Why: "npm reads package.json before anything else. It must exist, be valid JSON, and contain nothing that must not be published.",
		Happens: []string{
			"npm publish ran in a folder that is not the package's",
			"there is a comma too many, a comment or a merge conflict in it, or it is empty",
			"it has a field that must not be published (packageExtensions, npm 12)",
		},
		Confirm: []string{"npm pkg get name version  reads it as npm does", "npm publish --dry-run  everything but the upload"},
		Fix: []string{
			"Go to the package's folder, or name it: npm publish ./packages/NAME",
			"Fix package.json at the place that the message names. npm can repair some of it: npm pkg fix",
		},
		Prevent: "npm publish --dry-run in CI finds it before the release.",
		Exit:    ExitData,
		When: func(c *Case) bool {
			switch c.Code {
			case "EJSONPARSE", "EPACKAGEEXTENSIONS", "EBUNDLEOVERRIDE":
				return true
			}
			return notSent(c) && (c.manifestMissing() || saysUnnamed.MatchString(c.said()))
		},
		Check: checkManifest,
	},
	// pnpm, yarn and bun write the real range when they pack; npm and lerna do not
	// (npm/rfcs#390, scaleway/scaleway-sdk-js#2071). No registry refuses it.
	{
		ID: "unresolved-protocol", Rank: 717, Own: true,
		Title: "a dependency of ${package} is written in a way that only its workspace understands",
		Why: "pnpm, yarn and bun replace workspace: and catalog: with real versions when they pack. npm publishes them unchanged, and nobody " +
			"can install that (\"Unsupported URL Type\"). The same is true of link: and the like.",
		Happens: []string{
			"npm publish, or a release tool that runs it, publishes a package of a pnpm, yarn or bun workspace",
			"pnpm itself cannot replace it, because the package that it names is not installed: run pnpm install first",
		},
		Confirm: []string{"npm pkg get dependencies optionalDependencies peerDependencies  what would be published"},
		Fix: []string{
			"Let the workspace's own client pack: safepublish --pack-with pnpm (or yarn, bun)",
			"Or publish with it: pnpm publish, yarn npm publish, bun publish.",
			"If it is link:, portal:, patch: or exec:, write a version range instead; no client replaces these.",
			"If pnpm says that it cannot resolve one, run this first: pnpm install",
			"If such a version is already published: publish a higher one, then npm deprecate ${package}@${version} \"use the next version\"",
		},
		Prevent: "Run safepublish check in CI: it finds these before the release.",
		Exit:    ExitData, Says: pattern.Any(
			`(?i)unsupported url type "(?:workspace|catalog|link|portal|patch):"`, `cannot_resolve_workspace_protocol`,
			`cannot resolve workspace protocol of dependency`, `(?i)failed to resolve (?:workspace|catalog) version for "`, // bun, pack_command.zig
		),
	},
	{
		ID: "spec-not-found", Rank: 720, Own: true, Title: "npm did not find what it was told to publish",
		Why: "npm publish takes a folder or a tarball; a folder must hold a package.json. npm looks up any other word as a package on the " +
			"registry.",
		Happens: []string{
			"the folder or tarball is misspelt, or the build did not make it",
			"the path starts from another folder than the one npm runs in",
			"npm publish packages/NAME without ./ in front, which npm takes for a repository on GitHub",
			"a word slipped in among the arguments: the value of an option, a one-time password",
		},
		Confirm: []string{"ls PATH/package.json  whether it is there"},
		Fix: []string{
			"Name the folder or the tarball with ./ in front: npm publish ./dist",
			"If it does not exist yet: run the build that makes it.",
		},
		Prevent: "Let prepublishOnly build what is published.",
		Exit:    ExitData,
		When: func(c *Case) bool {
			// ENOTCACHED: make-fetch-happen, lib/cache/errors.js, with --offline; an upload is never looked up
			missing := c.gitFailed() || c.Code == "ENOPACKAGEJSON" || c.Code == "ENOTCACHED" || enoent.MatchString(c.said()) && !c.manifestMissing()
			return notSent(c) && (missing || c.Code == "E404" && c.specAsked())
		},
	},
	// npm 12, pacote and @npmcli/config: allow-git, allow-remote, allow-file, allow-directory
	// (https://github.blog/changelog/2026-07-07-npm-install-time-security-and-gat-bypass2fa-deprecation).
	{
		ID: "spec-refused", Rank: 718, Own: true, Title: "npm does not fetch ${spec}, which it was told to publish",
		Why: "Since npm 12 (July 2026) npm fetches nothing from git or from an address unless you allow it. It takes a folder or a tarball " +
			"without ./ in front for a repository on GitHub (OWNER/REPO). Nothing was sent.",
		Happens: []string{
			"npm publish packages/NAME or dist/NAME-1.0.0.tgz, without ./ in front",
			"npm publish https://… or npm publish OWNER/REPO, which npm 11 and older fetched",
			"allow-git or allow-remote in an .npmrc says none",
		},
		Confirm: []string{
			"npm config get allow-git allow-remote  none: npm fetches nothing of that kind",
			"ls PATH  whether it is a folder or a file here",
		},
		Fix: []string{
			"Put ./ in front of the folder or the tarball: npm publish ./packages/NAME",
			"If it is on a server: download it, look at it, then publish the file: npm publish ./FILE.tgz",
			"If it is a repository: clone it and publish from there.",
		},
		Prevent: "Write ./ in front of every path in a release script.",
		Exit:    ExitData, Says: pattern.Any(`(?m)Refusing to fetch "(?P<spec>[^"]+)"`, `code EALLOW(?:GIT|REMOTE|FILE|DIRECTORY)$`),
	},
	// npm/cli#3835 (hard link), npm/npm#19764 (unexpected end of file), pulumi/pulumi-azure-native#1358 (too many files)
	{
		ID: "package-refused", Rank: 722, Own: true, Title: "${registry} refused the contents of ${release}${reason}",
		Why: "The registry unpacked the upload and found something that no package may contain. It refuses the package until that is gone.",
		Happens: []string{
			"a bundled dependency was installed as a hard link (bun, pnpm): \"Hard link is not allowed\"",
			"a link or a bundled file: dependency leads out of the package: \"invalid path\"",
			"there are more files than the registry accepts: \"Too many files\"",
			"the tarball was cut short, or another tool packed it: \"unexpected end of file\"",
			"without a reason: a proxy in front of the registry refuses this kind of content",
		},
		Confirm: []string{
			"npm pack  it writes the tarball",
			"tar -tvf NAME-1.0.0.tgz  h at the beginning of a line is a hard link; look for .. in the paths",
		},
		Fix: []string{
			"Remove what the message names: leave it out of \"files\", or list there only what users need.",
			"For a hard link: install the bundled dependencies as copies, then publish: bun install --backend=copyfile, or pnpm install " +
				"--package-import-method=copy",
			"For a path that leaves the package: copy the linked folder into the package before it is packed.",
		},
		Prevent: "Check npm pack --dry-run in CI, and bundle nothing that can be a dependency.",
		Exit:    ExitData, Status: []int{0, 400, 415, 422},
		Says:  pattern.Any(`(?im)^(?:e?415 )+`, `hard ?link is not allowed`, `invalid path: package`, `code E415$`),
		Check: checkContents,
	},
	{
		ID: "package-too-large", Rank: 725, Own: true, Title: "${release} is too large for ${registry}",
		Why: "The registry, or a proxy in front of it, refuses an upload of this size. npmjs.org has refused packages of about 200 MB and " +
			"more. Others have lower limits (Verdaccio and cnpm: 10 MB by default).",
		Happens: []string{
			"build output, caches, recordings or node_modules are in the package",
			"\"files\" in package.json or .npmignore is missing or too generous",
			"binaries for all platforms are in one package",
		},
		Confirm: []string{"npm pack --dry-run  every file with its size, and the total"},
		Fix: []string{
			"List in \"files\" only what users need.",
			"Put binaries into packages per platform, as optionalDependencies.",
			"On your own registry: raise its limit, and that of the proxy in front of it.",
		},
		Prevent: "Watch the size that npm pack --dry-run prints.",
		Exit:    ExitData,
		When: func(c *Case) bool {
			return c.status() == 413 || c.status() == 400 && saysTooLarge.MatchString(c.said())
		},
	},
	{
		ID: "script-failed", Rank: 730, Own: true, Title: "${script} of ${package} failed before anything was sent",
		Why: "npm runs prepublishOnly, prepack, prepare and postpack before the upload, and stops when one fails. Nothing was published. The " +
			"reason is in the script's own output, above npm's lines.",
		Happens: []string{
			"a build or a test failed",
			"the script needs something that is not installed here: npm ci was not run, or a tool is missing",
			"the script refuses a publish by hand on purpose",
		},
		Confirm: []string{"npm run prepublishOnly  (or prepack, prepare, postpack) runs it alone", "npm pkg get scripts  what the scripts are"},
		Fix: []string{
			"A program is missing: install what the script calls (npm ci), or change the script.",
			"Read the script's output above npm's lines, and fix what it complains about.",
			"Run the script alone until it passes, then publish again: npm run ${event}",
		},
		Prevent: "Run the same script in CI before a release. The exit status is the script's own.",
		When:    func(c *Case) bool { return c.scriptFailed() && notSent(c) },
	},
	{
		ID: "workspace-none", Rank: 735, Title: "no workspace matches what was asked for",
		Why: "--workspace or --workspaces was given, but the package.json here lists no such workspace.",
		Happens: []string{
			"the workspace is misspelt; it must be the name of the package or its folder",
			"npm did not run at the root of the workspace",
			"\"workspaces\" in package.json does not cover the folder",
		},
		Confirm: []string{"npm pkg get name --workspaces  the workspaces that npm sees", "npm pkg get workspaces  the patterns"},
		Fix:     []string{"Name the package or its folder: npm publish -w NAME", "Or run npm publish in the package's own folder, without -w."},
		Prevent: "Make sure that the patterns in \"workspaces\" cover the folder of a new package.",
		Exit:    ExitUsage, Says: pattern.New(`No workspaces found`),
	},
}

// argvPrefix is npm's log of its own arguments.
var argvPrefix = pattern.New(`^argv .*"--prefix(?:=|" ")([^"]+)"`)

// checkManifest says which of the two it is, where npm's words tell. npm publish does
// not go to --prefix, as other commands do.
func checkManifest(c *Case) verdict {
	v := proven()
	switch {
	case c.manifestMissing():
		v.Vars = map[string]string{"manifest": "there is no package.json here"}
		if l, ok := c.line("verbose", argvPrefix); ok {
			folder := strings.TrimPrefix(argvPrefix.FindStringSubmatch(l.Text)[1], "./")
			v.Vars["manifest"] += "; npm publish ignores --prefix: write ./" + folder + " instead"
		}
	case saysUnnamed.MatchString(c.said()):
		v.Vars = map[string]string{"manifest": "package.json has no name, or no version that can be published"}
	case c.Code == "EJSONPARSE" && strings.Contains(c.said(), "package.json"):
		v.Vars = map[string]string{"manifest": "package.json is not valid JSON"}
	}
	return v
}

// checkOrigin says of which of the two it is: the repository, or the runner.
func checkOrigin(c *Case) verdict {
	v := proven()
	origin := "a repository that is " + groups(saysNotAllowed, c.said())["what"]
	if strings.Contains(c.said(), "environment") {
		origin = "a runner that is " + groups(saysNotAllowed, c.said())["what"]
	}
	v.Vars = map[string]string{"origin": origin}
	return v
}

// checkContents: a bare 415 may be that of a proxy.
func checkContents(c *Case) verdict {
	v := likely()
	if reason := c.reason(); reason != "" {
		v = proven()
		v.Vars = map[string]string{"reason": ": " + reason}
	}
	return v
}
