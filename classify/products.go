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
				"In a workflow: give the job permissions: packages: write, and NODE_AUTH_TOKEN: ${{ secrets.GITHUB_TOKEN }}",
				"If the package exists: in its settings, Manage Actions access, add this repository with the role Write.",
				"A pull request from a fork cannot publish, whatever permissions the job asks for.",
			},
			"token-scope": {
				"In a workflow: give the job permissions: packages: write",
				"With a personal access token: use a classic one with write:packages (and repo for a private repository). GitHub Packages accepts no " +
					"fine-grained ones.",
				"The scope must be the owner of the repository: @OWNER/NAME.",
			},
			"token-invalid": {
				"Set NODE_AUTH_TOKEN to a classic personal access token, or in a workflow to ${{ secrets.GITHUB_TOKEN }}",
				"GitHub Packages has no trusted publishing: a job needs a token.",
			},
			"not-logged-in": {"Set NODE_AUTH_TOKEN, and write this line into the .npmrc: //${host}/:_authToken=${NODE_AUTH_TOKEN}"},
			"scope-not-found": {
				"The scope must be the owner of the repository on GitHub, a user or an organization, in lower case.",
				"If the package should go to npmjs.org: remove the ${scope}:registry line or publishConfig.registry.",
			},
			"not-found-unexplained": {
				"The scope must be the owner on GitHub, and the token needs write:packages and, for the organization, authorized SSO.",
			},
			"forbidden-unexplained": {
				"In a workflow: give the job permissions: packages: write. The package's settings must give the repository the role Write.",
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
				"Publish to the project's own address: https://${host}/api/v4/projects/ID/packages/npm/. The address of the instance or of a group " +
					"is only for installing.",
			},
			"forbidden-unexplained": {
				"The account needs the role Developer or higher in the project; a deploy token needs write_package_registry.",
				"In CI: write the login with exactly the path of the registry line: " +
					"//${host}/api/v4/projects/ID/packages/npm/:_authToken=${CI_JOB_TOKEN}",
				"Older GitLabs also say this if the version exists: look into the project's package registry.",
			},
			"no-permission":  {"The account needs the role Developer or higher in the project; a deploy token needs write_package_registry."},
			"policy-blocked": {"A maintainer of the project can change the rule: Settings, Packages and registries, Protected packages."},
			"version-exists": {
				"Or delete the old version in the project's package registry. Below a root group a name and version exist only once.",
			},
			"not-found-unexplained": {
				"Publish to the project's own address: https://${host}/api/v4/projects/ID/packages/npm/",
				"A token that may not see the project gets 404 as well.",
			},
			"publish-race": {
				"GitLab locks a version while a job publishes it. Run one job at a time (resource_group in .gitlab-ci.yml).",
			},
		},
	},
	{
		name:    "Azure Artifacts",
		address: pattern.New(`/_packaging/[^/]+/npm/`),
		says:    pattern.New(`DevOps Activity ID|feed '[^']*' already contains`),
		steps: map[string][]string{
			"no-permission": {
				"The account or the build service needs the role Feed Publisher (Contributor): Feed settings, Permissions.",
			},
			"token-invalid": {
				"The personal access token has expired, or lacks Packaging (read and write): make a new one. In a pipeline use npmAuthenticate@0.",
				"The .npmrc needs the login twice: for …/npm/registry/ and for …/npm/.",
			},
			"unauthorized-unexplained": {
				"The personal access token needs Packaging (read and write). In a pipeline use npmAuthenticate@0.",
				"The .npmrc needs the login twice: for …/npm/registry/ and for …/npm/.",
			},
			"version-exists":        {"A feed never accepts a version twice, not even a deleted one, nor one that an upstream source has."},
			"forbidden-unexplained": {"The account or the build service needs the role Feed Publisher (Contributor): Feed settings, Permissions."},
		},
	},
	{
		name:    "AWS CodeArtifact",
		address: pattern.New(`//(?P<domain>[^/]+?)(?:-\d+)?\.d\.codeartifact\.[^/]*(?:/npm/(?P<repo>[^/]+))?`),
		steps: map[string][]string{
			"token-invalid": {
				"A login lasts 12 hours at most. To log in again: aws codeartifact login --tool npm --domain ${domain} --repository ${repo}",
			},
			"unauthorized-unexplained": {
				"A login lasts 12 hours at most. To log in again: aws codeartifact login --tool npm --domain ${domain} --repository ${repo}",
			},
			"not-logged-in": {
				"To log in: aws codeartifact login --tool npm --domain ${domain} --repository ${repo}",
				"The login's line in .npmrc must have the whole address of the registry, with the slash at the end.",
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
			"token-invalid":         {"A login lasts an hour. To log in again: npx google-artifactregistry-auth"},
			"not-logged-in":         {"To log in: npx google-artifactregistry-auth"},
			"forbidden-unexplained": {"The account needs roles/artifactregistry.writer on the repository."},
			"version-exists":        {"A version can be published only once, even if it was deleted."},
		},
	},
	{
		name:    "Artifactory",
		address: pattern.New(`/api/npm/(?P<repo>[^/]+)`),
		steps: map[string][]string{
			"forbidden-unexplained": {
				"Artifactory says only \"forbidden\", also for a version that exists. Check that first: npm view ${package}@${version}${at}",
				"Otherwise the account needs the permission Deploy/Cache on the repository; the log of the repository says which.",
				"An old _auth line needs the whole address of the registry (npm 7 and later): //${host}/…/api/npm/${repo}/:_auth=",
			},
			"wrong-registry": {
				"Publish to a local repository, or to a virtual one with a default deployment repository: https://${host}/artifactory/api/npm/${repo}/",
			},
			"not-found-unexplained": {
				"Publish to a local repository, or to a virtual one with a default deployment repository: https://${host}/artifactory/api/npm/${repo}/",
			},
			"token-invalid":            {"Set Me Up on the repository's page writes the lines that .npmrc needs, with a new identity token."},
			"unauthorized-unexplained": {"Set Me Up on the repository's page writes the lines that .npmrc needs, with a new identity token."},
			"version-exists": {
				"Artifactory never replaces a version, not even for an administrator: raise the version, or delete the old one there.",
			},
		},
	},
	{
		name:    "Sonatype Nexus",
		address: pattern.New(`/repository/(?P<repo>[^/]+)/?$|/content/(?:repositories|groups)/[^/]+/?$`),
		says:    pattern.New(`does not allow updating a(?:rtifact|sset)s|Sonatype Nexus`),
		unclear: true,
		steps: map[string][]string{
			"wrong-registry":        {"Publish to a hosted repository: a group answers an upload with 400, a proxy with 404."},
			"not-found-unexplained": {"Publish to a hosted repository: a group answers an upload with 400, a proxy with 404."},
			"token-invalid": {
				"An administrator must enable npm Bearer Token Realm: Security, Realms. Then put a new token into ${holder}, or log in.",
			},
			"unauthorized-unexplained": {
				"An administrator must enable npm Bearer Token Realm: Security, Realms. Then put a new token into ${holder}, or log in.",
				"Or write user:password in base64 after //${host}/repository/${repo}/:_auth=",
			},
			"version-exists":        {"The deployment policy of the repository is Disable redeploy: raise the version."},
			"forbidden-unexplained": {"The account needs the privilege nx-repository-view-npm-${repo}-add (and edit)."},
			"unknown":               {"Publish to a hosted repository: a group answers an upload with 400 and no reason."},
		},
	},
	{
		name:    "Gitea or Forgejo",
		address: pattern.New(`/api/packages/[^/]+/npm/?`),
		says:    pattern.New(`no permission to upload this package|maximum allowed package`),
		steps: map[string][]string{
			"no-permission": {
				"The owner in the address must be you, or an organization where you may write packages. The token needs write:package.",
				"If \"repository\" in package.json names a repository of the instance: its Packages unit must be enabled, and you need write access.",
			},
			"token-invalid":         {"Make an access token with write:package: Settings, Applications."},
			"version-exists":        {"Or delete the old version in the owner's Packages."},
			"package-too-large":     {"An administrator sets the limits: LIMIT_TOTAL_OWNER_COUNT, LIMIT_SIZE_NPM."},
			"forbidden-unexplained": {"The owner in the address must be you, or an organization where you may write packages."},
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
			"name-invalid":   {"This registry accepts only names in its own scopes; the message lists them."},
			"token-scope":    {"Make a token that may publish there; a read-only one cannot."},
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
				"Add the user or the group to config.yaml: packages, the pattern that matches the name, publish.",
				"To see who you are to Verdaccio: npm whoami --registry=${url}",
			},
			"not-logged-in": {
				"To log in: npm login --registry=${url}",
				"A new user, with npm 11 and older: npm adduser --registry=${url}",
			},
			"version-exists": {"The uplink may have the version; Verdaccio then shows it too: npm view ${package}@${version}${at}"},
			"registry-error": {"While its uplink is down, Verdaccio accepts nothing new. To change that, in config.yaml: publish.allow_offline: " +
				"true"},
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
