package journal

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/remedy"
)

// forgotten is how long after it an upload can still take effect. npmjs.org shows
// a version up to 40 minutes after it accepted it, as reported since September
// 2026 (npm/cli#9889); a day is far beyond what any registry is known to need.
const forgotten = 24 * time.Hour

// Fate is what the registry's answer makes of an open upload.
type Fate int

// The fates of an open upload.
const (
	Unknown Fate = iota // absent, or no answer: it may still take effect
	Ours                // the version is there with the bytes that were sent
	Others              // the version is there with other bytes
	There               // the version is there; which bytes were sent is not known
	Lost                // absent a day later: it took no effect
)

// Judge tells what became of the upload, by the registry's answer for its name
// and version at the time now.
func (u Upload) Judge(this classify.Published, now time.Time) Fate {
	switch {
	case this.Found == classify.No && now.Sub(u.Sent) > forgotten:
		return Lost
	case this.Found != classify.Yes || this.Shasum == "":
		return Unknown
	case len(u.Shasums) == 0:
		return There
	case u.Sends(this.Shasum):
		return Ours
	}
	return Others
}

// Sends tells whether a tarball of that shasum is what was sent.
func (u Upload) Sends(shasum string) bool {
	return slices.ContainsFunc(u.Shasums, func(s string) bool { return strings.EqualFold(s, shasum) })
}

// Sent notes that an upload of that name and version is open. What is known of it
// already stays; a shasum is added.
func (b *Book) Sent(u Upload) {
	for i := range b.Open {
		if o := &b.Open[i]; o.Is(u.Name, u.Version) {
			for _, s := range u.Shasums {
				if !o.Sends(s) {
					o.Shasums = append(o.Shasums, s)
				}
			}
			o.Sent = u.Sent
			return
		}
	}
	b.Open = append(b.Open, u)
}

// Settled notes that what became of the upload of that name and version is known.
func (b *Book) Settled(name, version string) {
	b.Open = slices.DeleteFunc(b.Open, func(u Upload) bool { return u.Is(name, version) })
}

// IsOpen tells whether an upload of that name and version is open.
func (b *Book) IsOpen(name, version string) bool {
	return slices.ContainsFunc(b.Open, func(u Upload) bool { return u.Is(name, version) })
}

// CutOff reads what became of the npm publish that was under way when its
// safepublish was cut off from the log that npm left. It returns the packages that
// the registry had accepted; what may have been sent is open from then on. Without
// a log the package may have been sent. registry is where npm was going to send it,
// for what the log does not say.
func (b *Book) CutOff(log transcript.Transcript, registry string) []transcript.Package {
	cut := *b.Sending
	b.Sending = nil
	if !log.HasLog && cut.Name == "" { // a workspace run of npm 6: there is nothing to ask by
		return nil
	}
	if !log.HasLog {
		u := NewUpload(cut.Name, cut.Version, registry, "")
		u.Sent = cut.Began
		b.Sent(u)
		return nil
	}
	var taken []transcript.Package
	for _, p := range log.Packages {
		if p.Name == "" {
			p.Name, p.Version = cut.Name, cut.Version
		}
		if p.Registry == "" || strings.Contains(p.Registry, "***") { // the log is redacted
			p.Registry = registry
		}
		switch p.Upload.State {
		case transcript.Accepted:
			taken = append(taken, p)
			b.Settled(p.Name, p.Version)
		case transcript.Open:
			u := NewUpload(p.Name, p.Version, p.Registry, p.Shasum)
			u.Sent = cut.Began
			b.Sent(u)
		}
	}
	if len(taken) > 0 && len(b.Open) == 0 {
		b.Edits = nil
	}
	return taken
}

// Changed returns the files that the edits left changed, as they are known to the
// person: relative to the folder where they lie in it.
func (b *Book) Changed() []string {
	var names []string
	for _, j := range b.Edits {
		for _, e := range j.Entries {
			if e.Undone || e.Holds() < remedy.After {
				continue
			}
			name := e.Path
			if rel, err := filepath.Rel(b.Folder, e.Path); err == nil {
				name = filepath.ToSlash(rel)
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
