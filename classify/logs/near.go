package logs

import (
	"regexp"
	"strconv"

	"safepublish/classify/transcript"
)

// near is what a tool said of the package that it is about to publish.
type near struct{ name, version, registry, put string }

func (n near) fill(d *transcript.Told) {
	if d.URL == "" && n.put != "" && d.Method == "PUT" {
		d.URL = n.put
	}
	if d.Name == "" && d.URL == "" {
		d.Name = n.name
	}
	if d.Name == n.name {
		d.Version, d.Registry = first(d.Version, n.version), first(d.Registry, n.registry)
	}
}

var (
	nearOf = regexp.MustCompile(`^(?:📦 ((?:@[^\s@/]+/)?[^\s@/]+)@(\S+) → (https?://\S+)|> nx run (\S+?):nx-release-publish|lerna WARN notice Package failed to publish: (\S+)$)`)
	// lerna at its usual level, yarn 1 with --verbose, which may say "success Published." after it
	putOfTool = regexp.MustCompile(`^(?:lerna http fetch PUT [45]\d\d (\S+)|verbose \S+ Performing "PUT" request to "([^"]+)")`)
	finished  = regexp.MustCompile(`^verbose \S+ Request "([^"]+)" finished with status code ([45]\d\d)\.$`)
	// changesets and lerna, of what they are going to publish
	versionOf = regexp.MustCompile(`^(?:🦋\s+info Publishing "([^"]+)" at "([^"]+)"| - (\S+): \S+ => (\d\S*))`)
	done      = regexp.MustCompile(`^(?:lerna success published (\S+) (\S+)|🦋\s+New tag:\s+((?:@[^\s@/]+/)?[^\s@/]+)@(\d\S*))$`)
)

// names files a line by which a tool names a package.
func (f *file) names(place int, s string) bool {
	if m := nearOf.FindStringSubmatch(s); m != nil {
		f.ended()
		f.near = near{name: first(m[1], m[4], m[5]), version: m[2], registry: m[3]}
		return true
	}
	if m := putOfTool.FindStringSubmatch(s); m != nil {
		f.near.put = first(m[1], m[2])
		return true
	}
	if m := finished.FindStringSubmatch(s); m != nil {
		if f.near.put == m[1] {
			status, _ := strconv.Atoi(m[2])
			f.other = pending{told: transcript.Told{Status: status, Code: "E" + m[2], Method: "PUT", URL: m[1], Lines: []transcript.Line{line(place, s)}}, kind: publish, first: place, last: place}
			f.ended()
		}
		return true
	}
	if m := versionOf.FindStringSubmatch(s); m != nil {
		if len(f.versions) < mostKept {
			f.versions[first(m[1], m[3])] = first(m[2], m[4])
		}
		return true
	}
	if m := done.FindStringSubmatch(s); m != nil {
		f.succeed(first(m[1], m[3]), first(m[2], m[4]), place)
		return true
	}
	return false
}
