// Package report is the story of one invocation as one JSON document, for the
// script that called it: what each npm publish did, why it failed, what was
// offered and chosen, and how it all ended. No secret is in it.
package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"safepublish/remedy"
	"safepublish/remedy/ledger"
)

// Version is the number of the document's form, its key "schema". Keys may be
// added under the same number; none changes its meaning or goes.
const Version = 1

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of Document. The remedies of this
// version are examples in it, for another version may know more.
func Schema() string {
	var ids []string
	for _, r := range remedy.Remedies() {
		ids = append(ids, `"`+r.ID+`"`)
	}
	return strings.Replace(schema, `"REMEDIES"`, strings.Join(ids, ", "), 1)
}

// Document is the report of one invocation of safepublish.
type Document struct {
	Schema   int            `json:"schema"`
	Outcome  ledger.Outcome `json:"outcome"`
	Exit     *int           `json:"exit"`  // the status; null until safepublish has ended
	Error    string         `json:"error"` // why npm was not started, in one line; "" where it was
	NPM      string         `json:"npm"`   // npm's version, "" if unknown
	Packages []Package      `json:"packages"`
	Attempts []Attempt      `json:"attempts"`
	Cause    string         `json:"cause"`  // why it ended so, "" where nothing failed; of several packages, of the one that gave the status
	Resume   string         `json:"resume"` // the command that goes on with what is not published of several packages; "" for none
}

// Package is one package of the last attempt, or of an earlier one by which it
// may be on the registry.
type Package struct {
	Name     string         `json:"name"`
	Version  string         `json:"version"`
	Registry string         `json:"registry"` // "" if unknown, and so are the next three
	Tag      string         `json:"tag"`
	Access   string         `json:"access"`
	Shasum   string         `json:"shasum"` // sha1 of the tarball that was packed
	Outcome  ledger.Outcome `json:"outcome"`
	Cause    string         `json:"cause"` // why it is not published, "" where it is, and where nobody knows
	URL      string         `json:"url"`   // where npmjs.org shows it; "" for another registry and for what is not there

	address string // of the registry, not redacted: what the ledger knows it by
	settled bool   // nothing changes its outcome any more
	turn    int    // of its publish, where several are published one after another
}

// Attempt is one npm publish, and what was made of it.
type Attempt struct {
	Args      []string   `json:"args"` // npm's after "publish", without secrets
	Exit      int        `json:"exit"` // npm's; -1 where a signal ended it, or a check of ours kept it from starting
	Signal    string     `json:"signal"`
	Seconds   float64    `json:"seconds"`
	Upload    Upload     `json:"upload"`    // of the package that it ended with
	Diagnosis *Diagnosis `json:"diagnosis"` // null where nothing failed
	Offers    []string   `json:"offers"`    // what could be chosen, as --fix takes it: "bump=patch"
	Chosen    string     `json:"chosen"`    // one of them, "" for none
	Changes   []string   `json:"changes"`   // what that changed, a line each
}

// Upload is what became of an upload.
type Upload struct {
	Sent    string `json:"sent"`   // "not-sent", "refused", "accepted" or "open"
	Status  int    `json:"status"` // the last HTTP status, 0 for none
	URL     string `json:"url"`
	Attempt int    `json:"attempt"` // the try of npm's own that the answer belongs to; 0 if unknown
}

// Write prints a document as indented JSON.
func Write(w io.Writer, document any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(document); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
