package registry

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// walls is what npm prints at the first wall of each scenario, and what the
// uploads of that first run were answered (0 is a cut connection).
var walls = map[string]struct {
	says     string
	statuses []int
}{
	"version-exists": {"cannot publish over the previously published versions: 1.0.0", nil},
	"version-exists-403": {
		"403 Forbidden - PUT URL/rehearsal-demo - You cannot publish over the previously published versions: 1.0.0.",
		[]int{403},
	},
	"already-published":       {"You cannot publish over the previously published versions: 1.0.0.", []int{502, 403}},
	"already-published-reset": {"You cannot publish over the previously published versions: 1.0.0.", []int{0, 403}},
	"version-staged":          {`409 Conflict - PUT URL/rehearsal-demo - Cannot publish over previously staged version "1.0.0".`, []int{409}},
	"version-burnt": {
		`400 Bad Request - PUT URL/rehearsal-demo - Cannot publish over previously published version "1.0.0".`,
		[]int{400},
	},
	"republish-too-soon": {
		"403 Forbidden - PUT URL/rehearsal-demo - rehearsal-demo cannot be republished until 24 hours have passed.",
		[]int{403},
	},
	"publish-race":         {"409 Conflict - PUT URL/rehearsal-demo - Failed to save packument.", []int{409}},
	"not-logged-in":        {"code ENEEDAUTH", nil},
	"token-invalid":        {"Unable to authenticate, your authentication token seems to be invalid.", []int{401}},
	"token-invalid-404":    {"404 Not Found - PUT URL/rehearsal-demo - Not found", []int{404}},
	"token-invalid-notice": {"npm notice Access token expired or revoked. Please try logging in again.", []int{404}},
	"token-unset":          {"404 Not Found - PUT URL/rehearsal-demo - Not found", []int{404}},
	"no-permission-404":    {"404 Not Found - PUT URL/@acme%2frehearsal-demo - Not found", []int{404}},
	"token-scope-404":      {"404 Not Found - PUT URL/rehearsal-demo - Not found", []int{404}},
	"scope-not-found-404":  {"404 Not Found - PUT URL/@acme%2frehearsal-demo - Not found", []int{404}},
	"wrong-registry":       {"404 Not Found - PUT URL/rehearsal-demo - Not found", []int{404}},
	"token-malformed":      {"404 Not Found - PUT URL/rehearsal-demo - Not found", []int{404}},
	"otp-required":         {"code EOTP", []int{401}},
	"otp-web":              {"Open this URL in your browser to authenticate:", []int{401}},
	"otp-wrong":            {"code EOTP", []int{401}},
	"2fa-required": {
		"403 Forbidden - PUT URL/rehearsal-demo - Two-factor authentication or granular access token with bypass 2fa enabled",
		[]int{403},
	},
	"2fa-token-refused": {
		"Two-factor authentication is required to publish this package but an automation token was specified",
		[]int{403},
	},
	"email-unverified": {"you must verify your email before publishing a new package", []int{403}},
	"no-permission": {
		`403 Forbidden - PUT URL/@acme%2frehearsal-demo - You do not have permission to publish "@acme/rehearsal-demo".`,
		[]int{403},
	},
	"token-scope":         {"You may not perform that action with these credentials.", []int{403}},
	"stage-only":          {"can only be used to stage packages", []int{403}},
	"scope-not-found":     {"404 Not Found - PUT URL/@acme%2frehearsal-demo - Scope not found", []int{404}},
	"payment-required":    {"402 Payment Required - PUT URL/@acme%2frehearsal-demo - You must sign up for private packages", []int{402}},
	"unscoped-restricted": {"code EUNSCOPED", nil},
	"name-taken":          {`You do not have permission to publish "rehearsal-demo". Are you logged in as the correct user?`, []int{403}},
	"name-too-similar": {
		"Package name too similar to existing package rehearsaldemo; try renaming your package to '@sam/rehearsal-demo'",
		[]int{403},
	},
	"name-invalid":    {`400 Bad Request - PUT URL/Rehearsal-demo - "Rehearsal-demo" is invalid for new packages`, []int{400}},
	"name-blocked":    {"Package name triggered spam detection", []int{403}},
	"prerelease-tag":  {"You must specify a tag using --tag when publishing a prerelease version.", nil},
	"latest-behind":   {`Cannot implicitly apply the "latest" tag because previously published version 2.0.0 is higher`, nil},
	"tag-invalid":     {"Tag name must not be a valid SemVer range: v1", nil},
	"private-package": {"code EPRIVATE", nil},
	"provenance-not-allowed": {
		`422 Unprocessable Entity - PUT URL/rehearsal-demo - Error verifying sigstore provenance bundle: Unsupported GitHub Actions`,
		[]int{422},
	},
	"unresolved-protocol": {"Publishing to URL/", []int{201}}, // npm publishes it; safepublish does not let it
	"package-refused":     {"415 Unsupported Media Type - PUT URL/rehearsal-demo - Hard link is not allowed", []int{415}},
	"dev-engines":         {`EBADDEVENGINES Invalid name "pnpm" does not match "npm" for "packageManager"`, nil},
	"rate-limited": {
		"429 Too Many Requests - PUT URL/rehearsal-demo - Could not publish, as user undefined: rate limited exceeded",
		[]int{429, 429, 429},
	},
	"registry-error":        {"503 Service Unavailable - PUT URL/rehearsal-demo", []int{503, 503, 503}},
	"registry-error-stored": {"503 Service Unavailable - PUT URL/rehearsal-demo", []int{503, 503, 503}},
	"network":               {"ECONNRESET", []int{0, 0, 0}},
	"proxy-refused":         {"407 Proxy Authentication Required - PUT URL/rehearsal-demo", []int{407}},
	"refused": {
		"403 Forbidden - PUT URL/rehearsal-demo - The release train of this registry leaves on Mondays only.",
		[]int{403},
	},
	"forbidden-unexplained": {"403 Forbidden - PUT URL/rehearsal-demo - Forbidden", []int{403}},
	"not-found-unexplained": {"404 Not Found - PUT URL/rehearsal-demo - Not found", []int{404}},
}

func TestEveryScenarioMeetsItsWall(t *testing.T) {
	for _, sc := range Scenarios() {
		t.Run(sc.ID, func(t *testing.T) {
			t.Parallel()
			wall, listed := walls[sc.ID]
			if !listed {
				t.Fatal("the scenario has no row in walls")
			}
			s := open(t, Options{Scenario: sc})
			r := publish(t, s)
			if r.exit == 0 != slices.Contains(wall.statuses, 201) {
				t.Errorf("npm ended with %d", r.exit)
			}
			says := strings.ReplaceAll(wall.says, "URL/", s.Registry.URL())
			mustContain(t, "stderr", r.stderr, says)
			var statuses []int
			for _, u := range s.Registry.Uploads(s.Name) {
				statuses = append(statuses, u.Status)
			}
			if !slices.Equal(statuses, wall.statuses) {
				t.Errorf("the uploads were answered %v, want %v", statuses, wall.statuses)
			}
			if e := escapes(s.Registry); len(e) > 0 {
				t.Errorf("something tried to reach %v", e)
			}
		})
	}
	if len(walls) != len(Scenarios()) {
		t.Errorf("%d rows in walls, %d scenarios", len(walls), len(Scenarios()))
	}
}

// What other npms meet differently: they make no checks of their own (10 and
// older), and after a 409 send a merged packument by themselves (9 and older).
func TestWallsOfOtherNPMs(t *testing.T) {
	for _, c := range []struct {
		release, id, says string
		statuses          []int
	}{
		{"12.2.0", "version-exists", "cannot publish over the previously published versions: 1.0.0", nil},
		{"12.2.0", "not-logged-in", "code ENEEDAUTH", nil},
		{"10.9.0", "version-exists", "403 Forbidden - PUT", []int{403}},
		{"10.9.0", "latest-behind", "Publishing to", []int{201}},
		{"10.9.0", "publish-race", "409 Conflict - PUT", []int{409}},
		{"8.19.4", "version-exists", "403 Forbidden - PUT", []int{403}},
		{"8.19.4", "publish-race", "409 Conflict - PUT", []int{409, 409}},
		{"8.19.4", "version-staged", "409 Conflict - PUT", []int{409, 409}},
		{"8.19.4", "otp-required", "code EOTP", []int{401}},
		{"6.14.18", "version-exists", "403 Forbidden - PUT", []int{403}},
	} {
		t.Run(c.release+" "+c.id, func(t *testing.T) {
			t.Parallel()
			s := open(t, Options{Scenario: scenario(t, c.id)})
			mustContain(t, "stderr", npmOf(t, c.release, s, nil, "", "publish").stderr, c.says)
			var statuses []int
			for _, u := range s.Registry.Uploads(s.Name) {
				if statuses = append(statuses, u.Status); u.Version != s.Version || u.Tag != "latest" {
					t.Errorf("upload %+v", u)
				}
			}
			if !slices.Equal(statuses, c.statuses) {
				t.Errorf("the uploads were answered %v, want %v", statuses, c.statuses)
			}
		})
	}
}

func TestScenariosAreWellFormed(t *testing.T) {
	ends := []string{Published, AlreadyPublished, NeedsYou, TryLater, Unknown}
	seen := map[string]bool{}
	for _, sc := range Scenarios() {
		if seen[sc.ID] || sc.Title == "" || len(sc.Causes) == 0 || !slices.Contains(ends, sc.End) {
			t.Errorf("%+v", sc)
		}
		seen[sc.ID] = true
	}
	if sc, ok := Find(""); !ok || sc.ID != Default {
		t.Errorf("the default is %q", sc.ID)
	}
	if _, ok := Find("no-such-wall"); ok {
		t.Error("an unknown scenario was found")
	}
}

// What a person is told of his login and of the code is true of the scenario.
func TestWhatAScenarioTells(t *testing.T) {
	for id, want := range map[string]string{
		"version-exists": "you are logged in to it as sam", "not-logged-in": "you are not logged in to it",
		"token-unset": "your .npmrc has ${REHEARSAL_LOGIN} where the token should be", "token-invalid": "your token was sam's; it is no longer valid",
		"stage-only": "your token is one of sam's, but may not do everything", "token-scope-404": "your token is one of sam's, but may not do everything",
	} {
		if got := scenario(t, id).standing(); got != want {
			t.Errorf("%s: %s", id, got)
		}
	}
	s := open(t, Options{Scenario: scenario(t, "network")})
	if notes := strings.Join(s.Notes, "; "); strings.Contains(notes, s.OTP) || strings.Contains(notes, "script") {
		t.Errorf("beside the point: %s", notes)
	}
}

// A scenario must be passable on packages of every shape, not only the built-in one.
// Every commit tries each shape and each scenario, .ci/soak every shape with every one.
func TestScenariosAdaptToThePackage(t *testing.T) {
	shapes := [][2]string{
		{"scoped", `{"name":"@acme/widget","version":"0.0.1","publishConfig":{"access":"public"}}`},
		{"prerelease", `{"name":"ab","version":"2.0.0-rc.1"}`},
		{"private", `{"name":"home","version":"3.1.0","private":true}`},
		{"restricted", `{"name":"@acme/secret","version":"1.0.0","publishConfig":{"access":"restricted"}}`},
	}
	for i, wall := range [][2]string{
		{"prerelease-tag", "You must specify a tag using --tag"},
		{"otp-required", "code EOTP"},
		{"name-too-similar", "too similar to existing package"},
		{"payment-required", "You must sign up for private packages"},
		{"version-burnt", "Cannot publish over previously published version"},
	} {
		for j, shape := range shapes {
			if os.Getenv("SAFEPUBLISH_TEST_WHOLE") == "" && j != i%len(shapes) {
				continue
			}
			id, says, manifest := wall[0], wall[1], shape[1]
			t.Run(shape[0]+" "+id, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				write(t, dir+"/package.json", manifest)
				s := open(t, Options{Source: dir, Scenario: scenario(t, id)})
				mustContain(t, "stderr", publish(t, s).stderr, says)
			})
		}
	}
}
