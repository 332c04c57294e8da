package npm

import (
	"slices"

	"github.com/Masterminds/semver/v3"
)

// Version is the version of an npm. The zero value is one of which nothing is known.
type Version struct {
	number semver.Version
	known  bool
}

// ParseVersion reads what npm --version prints, "11.19.1"; what is no version gives the
// zero value.
func ParseVersion(s string) Version {
	v, err := semver.NewVersion(s)
	if err != nil || v.Major() == 0 {
		return Version{}
	}
	return Version{*v, true}
}

// Known tells whether the version is known.
func (v Version) Known() bool { return v.known }

// Major returns 11 for 11.19.1, and 0 where the version is not known.
func (v Version) Major() int { return int(v.number.Major()) }

// String returns the version as npm prints it, "" where it is not known.
func (v Version) String() string { return v.number.Original() }

// Rule is something that npm does from some version on.
type Rule struct{ since *semver.Version }

func since(version string) Rule { return Rule{semver.MustParse(version)} }

// Has tells whether npm of that version has the rule; a prerelease of a version has what
// that version has. Of an unknown version it is false: who wants to be sure that npm
// does not have a rule asks Known as well.
func (v Version) Has(r Rule) bool {
	release, _ := v.number.SetPrerelease("") // an empty one is valid
	return v.known && !release.LessThan(r.since)
}

// Which npm has which rule. Files are those of the npm package at the version named.
var (
	// RefusesWithoutLogin: where npm finds no login it ends with ENEEDAUTH and sends
	// nothing; npm 6 sends the upload (8.19.4, lib/commands/publish.js).
	RefusesWithoutLogin = since("7.0.0")
	// LeavesPrepublish: the script prepublish does not run before a publish (npm docs,
	// scripts, "deprecated").
	LeavesPrepublish = since("7.0.0")
	// AnnouncesUpload: "Publishing to" stands in the log before an upload (8.19.4,
	// lib/commands/publish.js; 6.14.18 has no such line).
	AnnouncesUpload = since("7.0.0")
	// WordIsPackage: a bare word is a package of the registry, or with one slash a repository
	// on GitHub, even where a folder has that name (npm-package-arg, lib/npa.js; npm 6
	// looks for the folder first).
	WordIsPackage = since("7.0.0")
	// Workspaces: npm knows --workspace and --workspaces.
	Workspaces = since("7.0.0")
	// LogsDir: the setting logs-dir says where the debug log is written (8.19.4,
	// lib/utils/config/definitions.js; 6.14.18 has none).
	LogsDir = since("8.0.0")
	// PacksReproducibly: the same files give the same tarball (pacote,
	// lib/util/tar-create-options.js; measured from 8.19.4 to 12.2.0).
	PacksReproducibly = since("8.0.0")
	// TellsAccess: "Publishing to" says with which access (9.9.4, lib/commands/publish.js).
	TellsAccess = since("9.0.0")
	// AccessList: npm access list packages, once ls-packages (9.9.4, lib/commands/access.js).
	AccessList = since("9.0.0")
	// RefusesBareLogin: npm does not run with a credential in an .npmrc that names no
	// registry, _authToken=…; older ones use it for the default registry (9.9.4,
	// @npmcli/config/lib/index.js, validate).
	RefusesBareLogin = since("9.0.0")
	// Provenance: npm publish knows --provenance (npm 9.5.0, CHANGELOG.md).
	Provenance = since("9.5.0")
	// FlagBeatsPublishConfig: a flag is stronger than publishConfig in package.json
	// (10.9.0, lib/commands/publish.js; in 9.9.4 publishConfig wins).
	FlagBeatsPublishConfig = since("10.0.0")
	// ChecksTagName: a dist-tag that cannot stand in an address is refused before
	// anything is sent (npm-package-arg, with npm 10.8.0).
	ChecksTagName = since("10.8.0")
	// ChecksDistTag: a prerelease, and a version below the highest one, are refused where
	// no dist-tag is given, unless with --force (11.0.0, lib/commands/publish.js).
	ChecksDistTag = since("11.0.0")
	// PrivateAccess: npm knows --access private (11.19.1; 11.6.2 drops it with a warning).
	PrivateAccess = since("11.19.1")
	// TrustedPublishing: npm exchanges the identity of a CI's job for a token (11.5.1,
	// lib/utils/oidc.js).
	TrustedPublishing = since("11.5.1")
	// Stage: npm stage publish (docs.npmjs.com/staged-publishing).
	Stage = since("11.15.0")
	// Trust: npm trust, which says for what it trusts a job with --allow-publish (11.19.1,
	// docs/content/commands/npm-trust.md names 11.15.0; lib/trust-cmd.js).
	Trust = since("11.15.0")
	// StrictFlags: abbreviations of flags, and shorthands of several letters behind one
	// dash, are refused (12.2.0, @npmcli/config/lib/index.js, abbrevHandler).
	StrictFlags = since("12.0.0")
	// RefusesBareCertificate: RefusesBareLogin for certfile and keyfile too (12.2.0,
	// @npmcli/config/lib/index.js, validate).
	RefusesBareCertificate = since("12.0.0")
	// OptionalVariables: ${NAME?} in an .npmrc is nothing where NAME is not set (12.2.0,
	// @npmcli/config/lib/env-replace.js).
	OptionalVariables = since("12.0.0")
	// PacksWithoutScripts: npm pack --ignore-scripts runs none; 10.9.0 runs prepare all the
	// same (measured).
	PacksWithoutScripts = since("12.0.0")
)

// Lifecycle reports whether npm publish of some version runs the script of that name by
// itself (npm docs, scripts).
func Lifecycle(script string) bool {
	return slices.Contains([]string{
		"prepublish", "prepublishOnly", "prepack", "prepare", "postpack", "publish", "postpublish",
	}, script)
}

// ScriptsBeforeUpload returns the scripts that npm publish runs before it sends
// anything (npm docs, scripts): what they write is packed, and package.json is read
// again after them.
func ScriptsBeforeUpload(v Version) []string {
	scripts := []string{"prepublishOnly", "prepack", "prepare", "postpack"}
	if !v.Has(LeavesPrepublish) {
		scripts = append(scripts, "prepublish")
	}
	return scripts
}
