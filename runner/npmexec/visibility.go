package npmexec

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
)

// Visibility is what readers see of a version that the registry has accepted.
type Visibility int

// What readers may see. Burnt means that the registry lists the number among
// those ever used and does not show the version: accepted, and then lost
// (npm/cli#9889) or unpublished.
const (
	Hidden Visibility = iota
	Readable
	Burnt
)

// CheckVisibility asks whether a version can be read: by anybody, or by the account of this
// publish where the package is not for everybody. access is what the publish said
// of that, "" or "default" for nothing. It is one question, of npm's where the registry
// shows a stranger nothing that may be read with a login, or is not ours to ask.
func (n *NPM) CheckVisibility(ctx context.Context, registry, name, version, access string) Visibility {
	p := n.probe(ctx, registry, name, version)
	p.stranger, p.shown = true, true
	private := access != "public" && npm.Scope(name) != ""
	doc := p.document()
	switch {
	case doc.Exists():
		return seen(readPackument(doc.Result), version)
	case doc.status == http.StatusNotFound && !private:
		return Hidden
	}
	all := []classify.Question{classify.AskPackument}
	if !private && doc.status != http.StatusUnauthorized && doc.status != http.StatusForbidden {
		if list := p.put(all).Packument; list.Found != classify.Unknown {
			return seen(list, version)
		}
	}
	p = n.probe(ctx, registry, name, version)   // a registry may show nothing without a login
	p.document = func() document { return doc } // what a stranger is shown is known
	return seen(p.put(all).Packument, version)
}

func seen(list classify.Packument, version string) Visibility {
	switch {
	case slices.Contains(list.Versions, version):
		return Readable
	case slices.Contains(list.Burnt, version):
		return Burnt
	}
	return Hidden
}

// nobody returns the flags that leave npm without a credential for a registry:
// each place where it looks for one, from the registry's address up, is emptied
// (npm-registry-fetch, lib/auth.js; measured with npm 6 to 12).
func nobody(registry string) []string {
	u, err := url.Parse(registry)
	if err != nil {
		return nil
	}
	var flags []string
	for path := strings.TrimSuffix(u.Path, "/"); ; path = path[:strings.LastIndex(path, "/")] {
		for _, key := range []string{"_authToken", "_auth", "username", "_password", "certfile", "keyfile"} {
			flags = append(flags, "--//"+u.Host+path+"/:"+key+"=")
		}
		if path == "" {
			return flags
		}
	}
}

// Pauses between two looks: most versions are readable at once, so that the first minute
// is looked at closely; some after 40 minutes.
const (
	firstPause = time.Second
	closely    = time.Minute
	lastPause  = 30 * time.Second
)

// lookTime is what a look as a whole gets where less than that is left, as much as
// one question: the last of several packages is looked at too.
const lookTime = probeTime

// AwaitVisible looks again and again until a version can be read, for at most d, and
// returns what was seen last. pause lets the time pass between two looks; its
// error ends the following, and is returned. A look as a whole, all that it asks, ends
// with what is left of d, or after lookTime.
func AwaitVisible(ctx context.Context, look func(context.Context) Visibility, d time.Duration,
	pause func(next, left time.Duration) error,
) (Visibility, error) {
	began := time.Now().Round(0) // the wall clock: a laptop may sleep
	until := began.Add(d)
	for next := firstPause; ; {
		seen := within(ctx, max(time.Until(until), lookTime), look)
		left := time.Until(until)
		if seen == Readable || left <= 0 || ctx.Err() != nil {
			return seen, ctx.Err()
		}
		if time.Since(began) > closely {
			next = min(2*next, lastPause)
		}
		if err := pause(min(next, left), left); err != nil {
			return seen, err
		}
	}
}

func within(ctx context.Context, d time.Duration, look func(context.Context) Visibility) Visibility {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return look(ctx)
}
