package preflight

import "safepublish/classify"

// Version is the number of the form of Document, its key "schema". Keys may be
// added under the same number; none changes its meaning or goes.
const Version = 1

// Document is a check as one JSON document. No secret is in it.
type Document struct {
	Schema   int      `json:"schema"`
	Package  string   `json:"package"` // "" where package.json does not say
	Version  string   `json:"version"`
	Registry string   `json:"registry"` // "" if unknown
	Tag      string   `json:"tag"`      // the dist-tag that is asked for, "" for none
	Access   string   `json:"access"`   // likewise
	NPM      string   `json:"npm"`      // npm's version
	Exit     int      `json:"exit"`     // the status of the check
	Findings []Line   `json:"findings"`
	Contents *Tarball `json:"contents"` // null where npm did not say what it would pack
}

// Workspaces is a check of several packages as one JSON document.
type Workspaces struct {
	Schema   int         `json:"schema"`
	NPM      string      `json:"npm"`
	Exit     int         `json:"exit"` // the status of the check: that of the worst
	Packages []Workspace `json:"packages"`
}

// Workspace is one of them. A private one npm passes over: nothing was looked at.
type Workspace struct {
	Document
	Private bool `json:"private"`
}

// Line is one finding.
type Line struct {
	Topic string   `json:"topic"`
	Mark  Mark     `json:"mark"`  // ok, warning or wall
	Cause string   `json:"cause"` // the ID of a cause, "" where there is none
	Text  string   `json:"text"`
	Type  []string `json:"type"` // commands that mend it
}

// Tarball is what would be published, as it is before any script has run.
type Tarball struct {
	Files        []string `json:"files"`
	Size         int64    `json:"size"` // bytes
	UnpackedSize int64    `json:"unpacked_size"`
	Shasum       string   `json:"shasum"`
}

// Report returns the findings as a document. Every text of it passes redact.
func Report(c *classify.Case, findings []Finding, redact func(string) string) Document {
	d := Document{
		Schema: Version, Package: c.Name(), Version: c.Version(), Registry: redact(c.Registry()), Tag: c.Settings.Tag,
		Access: c.Settings.Access, NPM: c.NPM, Exit: Exit(findings), Findings: []Line{},
	}
	for _, finding := range findings {
		line := Line{Topic: finding.Topic, Mark: finding.Mark, Cause: finding.Cause, Text: redact(finding.Text), Type: []string{}}
		for _, command := range finding.Type {
			line.Type = append(line.Type, redact(command))
		}
		d.Findings = append(d.Findings, line)
	}
	if p := c.Package.Packed; p.Listed {
		d.Contents = &Tarball{Files: []string{}, Size: p.Size, UnpackedSize: p.Unpacked, Shasum: p.Shasum}
		for _, file := range p.Files {
			d.Contents.Files = append(d.Contents.Files, file.Path)
		}
	}
	return d
}
