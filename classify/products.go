package classify

import (
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// product is one that serves as a registry. It is told by the shape of its
// addresses, or by words that no other uses; nothing is guessed from nothing.
type product struct {
	name     string
	address  *pattern.Pattern    // of the registry; named groups are values of the steps
	says     *pattern.Pattern    // in npm's message
	readOnly *pattern.Pattern    // addresses that it only reads from
	unclear  bool                // its read-only addresses look like the others
	steps    map[string][]string // what to do there, by cause
}

var products = []*product{
	{
		name:    "GitHub Packages",
		address: pattern.New(`://npm\.pkg\.github\.|/_registry/npm/`),
		says: pattern.Any(
			`(?i)permission_denied`, `permission installation not allowed`, `permission not_found`, `read:packages`,
			`github packages service`, `repoacceptspackageuploads`,
		),
		steps: map[string][]string{
			"no-permission": {
				"In a workflow: permissions: packages: write for the job, and NODE_AUTH_TOKEN: ${{ secrets.GITHUB_TOKEN }}.",
				"If the package exists: its settings, Manage Actions access, add this repository with the role Write.",
				"A pull request from a fork cannot publish, whatever the job says.",
			},
			"token-scope": {
				"In a workflow: permissions: packages: write for the job.",
				"With a personal access token: a classic one with write:packages (and repo for a private repository). Fine-grained ones are not taken.",
				"The scope must be the owner of the repository: @OWNER/NAME.",
			},
			"token-invalid": {
				"Set NODE_AUTH_TOKEN to a classic personal access token, or in a workflow to ${{ secrets.GITHUB_TOKEN }}.",
				"There is no trusted publishing there: a job needs a token.",
			},
			"not-logged-in": {"Write //${host}/:_authToken=${NODE_AUTH_TOKEN} into the .npmrc, and set the variable."},
			"scope-not-found": {
				"The scope must be a user or an organization of GitHub, in lower case: the owner of the repository.",
				"If the package was meant for npmjs.org: take the ${scope}:registry line or publishConfig.registry out.",
			},
			"not-found-unexplained": {
				"The scope must be the owner on GitHub, and the token must see it: write:packages, and SSO authorized for the organization.",
			},
			"forbidden-unexplained": {
				"In a workflow: permissions: packages: write. The package's settings must give the repository the role Write.",
			},
		},
	},
	{
		name:     "GitLab",
		address:  pattern.New(`/api/v4/(?:projects|groups|packages)/`),
		says:     pattern.New(`- (?:Package protected\.|Validation failed: |Could not obtain package lease)`),
		readOnly: pattern.New(`/api/v4/(?:packages/npm|groups/[^/]+/-/packages/npm)`),
		steps: map[string][]string{
			"wrong-registry": {
				"Publish to the project's own address: https://${host}/api/v4/projects/ID/packages/npm/. That of the instance or a group is for " +
					"installing.",
			},
			"forbidden-unexplained": {
				"The account needs the role Developer or higher in the project; a deploy token write_package_registry.",
				"In CI: //${host}/api/v4/projects/ID/packages/npm/:_authToken=${CI_JOB_TOKEN} with the very path of the registry line.",
				"If the version exists, older GitLabs say just this: look into the project's package registry.",
			},
			"no-permission":  {"The account needs the role Developer or higher in the project; a deploy token write_package_registry."},
			"policy-blocked": {"A maintainer of the project: Settings, Packages and registries, Protected packages."},
			"version-exists": {
				"Or delete the old version in the project's package registry. Under a root group a name and version exist once.",
			},
			"not-found-unexplained": {
				"Publish to the project's own address: https://${host}/api/v4/projects/ID/packages/npm/",
				"A token that may not see the project gets 404 as well.",
			},
			"publish-race": {
				"Two jobs publish the same version: GitLab holds a lock for it. Run one at a time (resource_group in .gitlab-ci.yml).",
			},
		},
	},
	{
		name:    "Azure Artifacts",
		address: pattern.New(`/_packaging/[^/]+/npm/`),
		says:    pattern.New(`DevOps Activity ID|feed '[^']*' already contains`),
		steps: map[string][]string{
			"no-permission": {
				"Feed settings, Permissions: the account or the build service needs Feed Publisher (Contributor), which has AddPackage.",
			},
			"token-invalid": {
				"The personal access token has ended, or lacks Packaging (read and write): make a new one; in a pipeline: npmAuthenticate@0.",
				"The .npmrc wants the login twice: for …/npm/registry/ and for …/npm/.",
			},
			"unauthorized-unexplained": {
				"The personal access token needs Packaging (read and write); in a pipeline: npmAuthenticate@0.",
				"The .npmrc wants the login twice: for …/npm/registry/ and for …/npm/.",
			},
			"version-exists":        {"A feed never takes a version twice, not even a deleted one; nor one that an upstream source has."},
			"forbidden-unexplained": {"Feed settings, Permissions: the account or the build service needs Feed Publisher (Contributor)."},
		},
	},
	{
		name:    "AWS CodeArtifact",
		address: pattern.New(`//(?P<domain>[^/]+?)(?:-\d+)?\.d\.codeartifact\.[^/]*(?:/npm/(?P<repo>[^/]+))?`),
		steps: map[string][]string{
			"token-invalid": {
				"A login lasts 12 hours at most: aws codeartifact login --tool npm --domain ${domain} --repository ${repo}",
			},
			"unauthorized-unexplained": {
				"A login lasts 12 hours at most: aws codeartifact login --tool npm --domain ${domain} --repository ${repo}",
			},
			"not-logged-in": {
				"aws codeartifact login --tool npm --domain ${domain} --repository ${repo}",
				"The login's line in .npmrc must have the registry's whole address, the slash at the end included.",
			},
			"forbidden-unexplained": {"The role needs codeartifact:PublishPackageVersion on the package, and sts:GetServiceBearerToken."},
			"no-permission": {
				"The role needs codeartifact:PublishPackageVersion on the package. The package's origin controls may also block publishing.",
			},
		},
	},
	{
		name:    "Google Artifact Registry",
		address: pattern.New(`-npm\.pkg\.dev(?:/|$)`),
		says:    pattern.New(`artifactregistry\.`),
		steps: map[string][]string{
			"no-permission":         {"The account needs roles/artifactregistry.writer on the repository."},
			"token-invalid":         {"A login lasts an hour: npx google-artifactregistry-auth"},
			"not-logged-in":         {"npx google-artifactregistry-auth"},
			"forbidden-unexplained": {"The account needs roles/artifactregistry.writer on the repository."},
			"version-exists":        {"A version can be written once, even if it was deleted."},
		},
	},
	{
		name:    "Artifactory",
		address: pattern.New(`/api/npm/(?P<repo>[^/]+)`),
		steps: map[string][]string{
			"forbidden-unexplained": {
				"It says only forbidden, also for a version that exists: look with npm view ${package}@${version}${at}",
				"Otherwise the account needs Deploy/Cache on the repository; the repository's own log says which.",
				"An old _auth line must stand under the registry's whole address (npm 7 and later): //${host}/…/api/npm/${repo}/:_auth=",
			},
			"wrong-registry": {
				"Publish to a local repository, or to a virtual one with a default deployment repository: https://${host}/artifactory/api/npm/${repo}/",
			},
			"not-found-unexplained": {
				"Publish to a local repository, or to a virtual one with a default deployment repository: https://${host}/artifactory/api/npm/${repo}/",
			},
			"token-invalid":            {"Set Me Up in the repository's page writes the lines that .npmrc needs, with a new identity token."},
			"unauthorized-unexplained": {"Set Me Up in the repository's page writes the lines that .npmrc needs, with a new identity token."},
			"version-exists": {
				"It never replaces an npm version, not even for an administrator: raise the version, or delete the old one there.",
			},
		},
	},
	{
		name:    "Sonatype Nexus",
		address: pattern.New(`/repository/(?P<repo>[^/]+)/?$|/content/(?:repositories|groups)/[^/]+/?$`),
		says:    pattern.New(`does not allow updating a(?:rtifact|sset)s|Sonatype Nexus`),
		unclear: true,
		steps: map[string][]string{
			"wrong-registry":        {"Publish to a hosted repository: a group answers 400 to an upload, a proxy 404."},
			"not-found-unexplained": {"A proxy repository answers 404 to an upload, a group 400: publish to a hosted one."},
			"token-invalid": {
				"An administrator must switch on Security, Realms, npm Bearer Token Realm. After that put a new token into ${holder}, or log in.",
			},
			"unauthorized-unexplained": {
				"An administrator must switch on Security, Realms, npm Bearer Token Realm. After that put a new token into ${holder}, or log in.",
				"Or write user:password in base64 behind //${host}/repository/${repo}/:_auth=",
			},
			"version-exists":        {"The repository's deployment policy is Disable redeploy: raise the version."},
			"forbidden-unexplained": {"The account needs the privilege nx-repository-view-npm-${repo}-add (and edit)."},
			"unknown":               {"A group repository answers 400 without a reason to an upload: publish to a hosted one."},
		},
	},
	{
		name:    "Gitea or Forgejo",
		address: pattern.New(`/api/packages/[^/]+/npm/?`),
		says:    pattern.New(`no permission to upload this package|maximum allowed package`),
		steps: map[string][]string{
			"no-permission": {
				"The owner in the address must be you or an organization where you may write packages; the token needs write:package.",
				"\"repository\" in package.json names a repository of the instance: its Packages unit must be on, and you must be able to write it.",
			},
			"token-invalid":         {"Make an access token with write:package: Settings, Applications."},
			"version-exists":        {"Or delete the old version in the owner's Packages."},
			"package-too-large":     {"An administrator sets the limits: LIMIT_TOTAL_OWNER_COUNT, LIMIT_SIZE_NPM."},
			"forbidden-unexplained": {"The owner in the address must be you or an organization where you may write packages."},
		},
	},
	{
		name: "cnpm",
		says: pattern.Any(
			`- \[(?:FORBIDDEN|UNAUTHORIZED|UNPROCESSABLE_ENTITY|INVALID_PARAM|CONFLICT|UNAVAILABLE_FOR_LEGAL_REASONS|no_perms)\]`,
			`no_perms`, `private mode enable`,
		),
		steps: map[string][]string{
			"wrong-registry": {"You are on a mirror: npm publish --registry=https://npmjs.org/, with a login for npmjs.org."},
			"name-invalid":   {"This registry takes names in its own scopes only; the message lists them."},
			"token-scope":    {"Make a token with the right to publish there; a read-only one cannot."},
		},
	},
	{
		name: "Verdaccio",
		says: pattern.Any(
			`is not allowed to publish package`, `authorization required to publish package`, `unregistered users are not allowed`,
			`this package is already present`, `one of the uplinks is down`,
		),
		steps: map[string][]string{
			"no-permission": {
				"Its config.yaml says who may: packages, the pattern that fits the name, publish: the user or the group.",
				"npm whoami --registry=${url} tells whom it takes you for.",
			},
			"not-logged-in":  {"npm login --registry=${url}; for a new user with npm 11 and older: npm adduser --registry=${url}"},
			"version-exists": {"It may be the uplink that has the version: npm view ${package}@${version}${at} shows it through Verdaccio as well."},
			"registry-error": {"While its uplink is down it takes nothing new: publish.allow_offline: true in config.yaml changes that."},
		},
	},
}

// productOf returns the product that the registry of a run is, nil where nothing tells.
func productOf(c *Case) *product {
	said, registry := c.said(), c.Registry()
	if npm.IsPublic(registry) {
		return nil
	}
	for _, p := range products {
		if p.address != nil && p.address.MatchString(registry) {
			return p
		}
	}
	for _, p := range products {
		if p.says != nil && p.says.MatchString(said) {
			return p
		}
	}
	return nil
}
