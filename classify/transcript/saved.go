package transcript

import (
	"regexp"
	"strings"
)

// ReadLog reads a debug log alone, as a person saves it. pure says that there was
// nothing else in the file and that it is one run's: only then are its lines
// npm's own beyond doubt (HasLog); a log with other text around it is read, and
// proves nothing. Exit is npm's where the log tells, else -1.
func ReadLog(log []byte, pure bool) Transcript {
	if pure {
		return older(Read(Input{Log: log, Exit: -1}))
	}
	t := Transcript{Exit: -1}
	t.Lines, _ = parseLog(log)
	t.facts()
	return older(t.read(nil))
}

// ReadShown reads one run of npm from lines that a terminal or a CI service
// showed. Each line's Text is whole, npm's heading included, and replayed; its From
// is kept as evidence. The status is not known, so Exit is -1.
func ReadShown(lines []Line) Transcript {
	x := text{from: "screen"}
	for _, l := range lines {
		x.lines, x.places = append(x.lines, l.Text), append(x.places, l.From)
	}
	t := Transcript{Exit: -1}
	return older(t.read([]text{x}))
}

var (
	failedPut = regexp.MustCompile(`^publish Failed PUT (\d{3})$`)
	ofPackage = regexp.MustCompile(` : ((?:@[^\s@/]+/)?[^\s@/:]+)$`)
)

// older reads what npm 1 to 5 said of a refused upload: "publish Failed PUT 403", and
// the package behind the registry's sentence (npm-registry-client, lib/request.js).
func older(t Transcript) Transcript {
	for _, l := range t.Lines {
		m := failedPut.FindStringSubmatch(l.Text)
		if m == nil || l.Level != "error" || !t.Failed {
			continue
		}
		t.Code = first(t.Code, "E"+m[1])
		p := Package{Upload: Upload{Method: "PUT", Statuses: []int{number(m[1])}, State: statusState(number(m[1]), "PUT")}}
		for _, said := range t.Message {
			if of := ofPackage.FindStringSubmatch(said.Text); of != nil {
				p.Name = of[1]
			}
		}
		if len(t.Packages) == 0 || t.Last().Name == "" {
			t.Packages = append(t.Packages[:max(0, len(t.Packages)-1)], p)
		}
		if len(t.Message) == 0 {
			t.Message = []Line{l}
		}
	}
	return t
}

// IsLogLine tells whether s is a line of a debug log of npm's, "36 error code
// E403", and returns its number and what follows it.
func IsLogLine(s string) (number int, level, text string, ok bool) {
	number, level, text = logLine(s)
	return number, level, text, number >= 0
}

// Told is what another client than npm, or a tool around npm, says of one refused
// publish. All of it is optional but Lines.
type Told struct {
	Name, Version string
	Code          string // npm's code for it: "E403", "ENEEDAUTH"; "" if it says none
	Status        int    // of the upload; 0 if it says none
	Method, URL   string // of the upload, as the client printed them
	Registry      string // where no URL tells it
	Lines         []Line // its own words
}

// Transcript returns the run as far as that is known. What became of the upload is
// judged as with npm: a 403 or a 409 may have come to a second attempt.
func (d Told) Transcript() Transcript {
	t := Transcript{Exit: -1, Failed: true, Code: d.Code, Message: d.Lines, Command: "publish"}
	registry, name := "", ""
	if d.URL != "" {
		registry, name = split(strings.TrimRight(d.URL, "/"))
	}
	p := Package{Name: first(d.Name, name), Version: d.Version, Registry: safeURL(first(registry, d.Registry))}
	p.Upload.Method, p.Upload.URL = d.Method, safeURL(d.URL)
	if d.Status != 0 {
		p.Upload.Statuses = []int{d.Status}
		p.Upload.State = statusState(d.Status, first(d.Method, "PUT"))
	} else if d.Code == "EOTP" {
		p.Upload.State = Refused
	} else if p.Upload.Method != "" {
		p.Upload.State = Open
	}
	t.Packages = []Package{p}
	return t
}
