package classify

import (
	"fmt"
	"slices"

	"github.com/Masterminds/semver/v3"
)

// Guard makes npm 11's two checks of the dist-tag where the npm in use does not
// make them: npm 10 and older publish a prerelease, or a number below the highest
// one, as "latest" without a word (npm 11.0.0, lib/commands/publish.js, added
// both). It needs the version and the tag in Local, and for the second check the
// packument in Facts. ok is false where nothing stands in the way or where the
// registry did not answer.
func Guard(c *Case, npm int) (d Diagnosis, ok bool) {
	if npm == 0 || npm > 10 || c.Local.Tag != "" {
		return Diagnosis{}, false
	}
	v, err := semver.StrictNewVersion(c.Local.Version)
	if err != nil {
		return Diagnosis{}, false
	}
	vars := map[string]string{"package": c.Local.Name, "version": c.Local.Version, "registry": c.Local.Registry, "tag": "latest"}
	if v.Prerelease() != "" {
		return Diagnosis{Cause: Lookup("prerelease-tag"), Sure: true, Vars: vars, Evidence: []Evidence{
			{"package.json", fmt.Sprintf("version %s is a prerelease, and no dist-tag is given", v.Original())},
			{"npm", fmt.Sprintf("npm %d would make it latest, what npm install gives everyone; nothing was sent", npm)},
		}}, true
	}
	if slices.Contains(c.Facts.Packument.Versions, v.Original()) {
		return Diagnosis{}, false // it is refused as it is there; or, a release that is run again, it is the same
	}
	if high := highest(c.Facts.Packument.Versions); high != nil && v.LessThan(high) {
		vars["highest"] = high.Original()
		return Diagnosis{Cause: Lookup("latest-behind"), Sure: true, Vars: vars, Evidence: []Evidence{
			{"npm view", fmt.Sprintf("%s is published; %s is lower, and no dist-tag is given", high.Original(), v.Original())},
			{"npm", fmt.Sprintf("npm %d would move latest back to it; nothing was sent", npm)},
		}}, true
	}
	return Diagnosis{}, false
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
