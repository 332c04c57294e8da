package classify

import (
	"fmt"
	"slices"

	"github.com/Masterminds/semver/v3"

	"safepublish/classify/npm"
)

// UnsafeTag makes npm 11's two checks of the dist-tag before npm does, and where the
// npm in use does not make them at all: npm 10 and older publish a prerelease, or
// a number below the highest one, as "latest" without a word (npm 11.0.0,
// lib/commands/publish.js, added both). It needs the version and the tag, and for the
// second check the packument. unsafe is false where nothing stands in the way, where
// the registry did not answer, and where npm's version is not known.
func UnsafeTag(c *Case) (d Diagnosis, unsafe bool) {
	v, err := semver.StrictNewVersion(c.Package.Version)
	if !c.By().Known() || c.Settings.Tag != "" || err != nil {
		return Diagnosis{}, false
	}
	vars := map[string]string{"package": c.Package.Name, "version": c.Package.Version, "registry": c.Settings.Registry, "tag": "latest"}
	if v.Prerelease() != "" {
		return guarded("prerelease-tag", vars,
			Evidence{"package.json", fmt.Sprintf("version %s is a prerelease, and no dist-tag is given", v.Original())},
			Evidence{"npm", would(c.By(), "make it latest, which npm install gives to everyone")}), true
	}
	if slices.Contains(c.Answers.Packument.Versions, v.Original()) {
		return Diagnosis{}, false // it is refused as it is there; or, a release that is run again, it is the same
	}
	if high := highest(c.Answers.Packument.Versions); high != nil && v.LessThan(high) {
		vars["highest"] = high.Original()
		return guarded("latest-behind", vars,
			Evidence{"npm view", fmt.Sprintf("%s is published; %s is lower, and no dist-tag is given", high.Original(), v.Original())},
			Evidence{"npm", would(c.By(), "move latest back to it")}), true
	}
	return Diagnosis{}, false
}

func guarded(cause string, vars map[string]string, evidence ...Evidence) Diagnosis {
	return Diagnosis{Cause: Lookup(cause), Sure: true, Vars: vars, Evidence: evidence}
}

// would says what this npm does with a tag that is not given.
func would(by npm.Version, happens string) string {
	if by.Has(npm.ChecksDistTag) {
		return fmt.Sprintf("npm %d refuses that after it has run the scripts; nothing was run", by.Major())
	}
	return fmt.Sprintf("npm %d would %s; nothing was sent", by.Major(), happens)
}

// highest returns the highest release among versions, prereleases left out as
// npm 11 leaves them out; nil if there is none.
func highest(versions []string) *semver.Version {
	var high *semver.Version
	for _, s := range versions {
		v, err := semver.StrictNewVersion(s)
		if err == nil && v.Prerelease() == "" && (high == nil || v.GreaterThan(high)) {
			high = v
		}
	}
	return high
}
