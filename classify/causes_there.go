package classify

import (
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// What became of the upload, and what is already there.
//
// npmjs.org scans what it takes since 2026-07-28, before it shows it: "typically around
// five minutes … 15 minutes or more, at peak times … not a service guarantee"; a version
// may be held for a review or blocked
// (https://github.blog/changelog/2026-07-28-npm-publish-time-malware-scanning-and-dual-use-metadata,
// dequelabs/axe-core#5266, changesets/changesets#2195).

// The registries' words for a version that exists: npmjs.org since 2013 and npm
// 11's own check; npm 6 to 9 after a 409; GitHub Packages, GitLab, Gitea,
// Verdaccio, cnpm, Azure Artifacts, Nexus, and Artifactory where npm 12 shows more
// of its answer.
var (
	saysExists = pattern.Any(
		`(?i)cannot publish over (?:the )?(?:previously published|existing) versions?(?:s?:? "?(?P<version>\d+\.\d+\.\d+(?:-[\w.-]*\w)?))?`,
		`modify version \S+, which was previously published`,
		`modify pre-existing version`, `cannot publish \S+ over existing`,
		`package (?:version )?(?:already exists|does exist already)`, `package is already present`, `feed .*already contains`,
		`does not allow updating a(?:rtifact|sset)s`, `published to the feed because it exists`, `cannot be updated - put `,
		`not enough permissions to delete/overwrite artifact`,
	)
	// npm stage publish, of a number that is published or that waits for approval (npm/cli#9519)
	saysNotStaged = pattern.New(`(?i)cannot stage previously published version`)
	saysBurnt     = pattern.New(`(?i)cannot publish over previously published version "`)
	// what npm logs after ^D at their question
	saysNeverCalled = pattern.New(`(?i)exit handler never called|cb\(\) never called`)
	saysRace        = pattern.Any(
		`(?i)failed to save packument`, `unable to create the publication lock`, `could not obtain package lease`,
	)
)

var thereCauses = []*Cause{
	{
		ID: "published-script-failed", Rank: 100, Own: true, Title: "${release} is published; what ran after the upload failed",
		Why: "The registry accepted the upload, and npm failed afterwards. The version is public and the number is used: publishing again can " +
			"only be refused.",
		Happens: []string{
			"the postpublish or publish script failed, often one that pushes a tag or posts a message",
			"a script named publish runs npm publish itself and meets the version that was just published",
			"npm could not write its cache after the upload (npm 6)",
		},
		Confirm: []string{
			"npm view NAME@VERSION dist.shasum  it is there, with the shasum that npm printed; on npmjs.org that takes some minutes",
		},
		Fix: []string{
			"Do not publish again. Run by hand what the script should have done: npm run postpublish",
			"Fix the script, for the next release.",
		},
		Prevent: "Keep out of postpublish what can fail, or let it end with 0. Give no script the name publish, for npm publish runs it too.",
		When:    func(c *Case) bool { return c.upload() == transcript.Accepted },
	},
	{
		ID: "already-published", Rank: 105, Own: true, Title: "${release} is already on ${registry}, ${same}",
		Why: "The registry holds this version, and its shasum is that of the package that was just packed, or it was published from the " +
			"commit that is checked out here. There is nothing left to publish: safepublish ends with status 0.",
		Happens: []string{
			"the answer to the upload was lost (a 502, a reset, a timeout), npm sent it again and was refused by its own first upload " +
				"(npm/cli#6693)",
			"the release was run twice, by hand and in CI, or a build was started again",
			"the registry answered 409 although it had stored the version (npm/cli#7376)",
		},
		Confirm: []string{"npm view NAME@VERSION dist.shasum  the shasum on the registry", "npm pack --dry-run  the shasum of what is here"},
		Fix: []string{
			"Do nothing: the version is published.",
			"If the dist-tag is not where it should be: npm dist-tag add NAME@VERSION TAG",
		},
		Prevent: "Nothing to prevent. A release that is run twice is safe: a version can never be overwritten.",
		// the answer to an upload was lost; what else may hide an upload of ours, its table says
		When: func(c *Case) bool { return c.upload() == transcript.Open || c.Answers.RemoteVersion.Found == Yes },
		Asks: []Question{AskThis}, Check: checkSame, Done: true,
		RuledOutBy: Clues{"version": {"other", "burnt", "gone"}},
	},
	{
		ID: "upload-open", Rank: 110, Title: "it is not known whether ${release} was published on ${registry}",
		Why: "npm ended as if all were well, and nothing proves it: no debug log shows the registry's answer to the upload, and the registry " +
			"does not show the version, or not yet.",
		Happens: []string{
			"what stands on PATH as npm is the shim of a version manager that has no npm to run, or a script that prints something else",
			"the folder of npm's debug logs could not be written (a full disk, a read-only home)",
			"npm ended before the registry's answer was whole, and did not log it: the version is there, and npmjs.org scans it first",
			"npm 6 or 7, which writes no log of a publish that went well, and a registry that shows a version late",
		},
		Confirm: []string{
			"npm view NAME@VERSION dist.shasum  is it there; npm publish prints the shasum of what it sends",
			"npm --version  is it npm at all",
		},
		Fix: []string{
			"Look in some minutes: npm view NAME@VERSION dist.shasum. If it is there with your shasum, it is published.",
			"Not there yet proves nothing on npmjs.org: since July 2026 a version is scanned before it can be seen, about 5 minutes, 15 and more " +
				"at peak.",
			"Then publish the same version again: safepublish looks first, and sends the same contents only.",
		},
		Prevent: "Let --npm or SAFEPUBLISH_NPM name the npm itself, and keep the state folder writable.",
		Exit:    ExitTempFail, When: func(c *Case) bool { return c.Unproven && !c.HasLog || c.dropped() && c.shownLate() },
	},
	{
		ID: "interrupted", Rank: 125, Title: "the publish was stopped before it was done",
		Why: "npm was ended by ^C, by ^D at its question, or by a signal. Where the upload had been sent by then, the registry may have " +
			"stored it all the same.",
		Happens: []string{
			"^C or ^D at npm's question for a one-time password or for the browser",
			"^C while a script or the upload ran",
			"a CI job was canceled or ran out of time (SIGTERM), or the machine out of memory (SIGKILL)",
			"a script was killed: npm then ends by the same signal and prints nothing",
		},
		Confirm: []string{"npm view NAME@VERSION  is it there after all; npmjs.org may need 15 minutes and more to show it"},
		Fix: []string{
			"If the upload had begun, look first: npm view NAME@VERSION dist.shasum. If it is there with your shasum, it is published.",
			"Otherwise publish the same version again. A version cannot be published twice, so this is safe.",
		},
		Prevent: "Give CI jobs time: npm waits up to 5 minutes for each of three attempts.",
		Exit:    ExitInterrupted,
		When: func(c *Case) bool {
			return c.Canceled || c.Signal != "" || c.status() == 401 && saysNeverCalled.MatchString(c.said())
		},
	},
	{
		ID: "version-staged", Rank: 200, Own: true,
		Title: "${release} was accepted by ${registry} before, and waits there to be checked or approved",
		Why: "The number is taken until the first upload is settled, so that another one cannot help. Since 2026-07-28 npmjs.org scans what it " +
			"takes before it shows it: about 5 minutes, 15 and more at peak; it can hold a version for a review, or block it. A version that " +
			"was staged waits until a person approves it.",
		Happens: []string{
			"a first attempt was accepted, and a second one came while it was scanned",
			"the version waits for approval: it was sent with npm stage publish (\"Cannot stage previously published version\")",
			"it is held for a review, or was blocked: npm may write to whoever published it, with a way to object",
			"processing got stuck: the version never appears and its number is lost (npm/cli#9889)",
		},
		Confirm: []string{
			"npm stage list NAME  what waits for approval (npm 11.15 and later)",
			"npm view NAME@VERSION  shows it as soon as it is readable",
		},
		Fix: []string{
			"Do not upload it again. See whether it waits for approval, on a machine where you are logged in: npm stage list NAME",
			"If it does: npm stage approve ID. To send other contents under this number: npm stage reject ID, then stage it again.",
			"If it does not, it is most likely being scanned: wait 15 minutes or more, and look with npm view NAME@VERSION. Until then npm " +
				"dist-tag works, npm deprecate and npm unpublish do not.",
			"If it is still not there after a day: ask https://www.npmjs.com/support, and publish under the next number.",
		},
		Prevent: "Before you start what needs the version, wait until it can be read: safepublish --wait 30m",
		Exit:    ExitTempFail, Says: pattern.New(`(?i)previously staged version|` + saysNotStaged.String()[len("(?i)"):]),
	},
	{
		ID: "republish-too-soon", Rank: 205, Own: true,
		Title:   "${package} was unpublished less than 24 hours ago; ${registry} does not take it back yet",
		Why:     "After the whole package was unpublished, npmjs.org refuses its name for 24 hours, whatever the version.",
		Happens: []string{"npm unpublish NAME --force, or the last version of the package was unpublished"},
		Confirm: []string{"npm view NAME  404 Unpublished on …: the time from which the 24 hours count"},
		Fix: []string{
			"Wait until 24 hours have passed, then publish under a number that was never used.",
			"If it cannot wait, publish under another name.",
		},
		Prevent: "Deprecate instead of unpublishing: npm deprecate NAME@VERSION \"why\".",
		Exit:    ExitTempFail, Says: pattern.New(`(?i)cannot be republished until 24 hours`),
	},
	{
		ID: "version-burnt", Rank: 210, Own: true,
		Title: "${release} was published once and unpublished; its number cannot be used again on ${registry}",
		Why: "A version number can be used once for ever, so that a number always means the same contents. npm view does not list it any " +
			"more; the registry remembers it.",
		Happens: []string{"the version was unpublished", "it was accepted and then lost while it was processed (npm/cli#9889)"},
		Confirm: []string{
			"npm view NAME time --json  lists every number ever used, those that are gone too",
			"npm view NAME versions  lists those that are there",
		},
		Fix:     []string{"Publish under the next number that is free: npm version patch"},
		Prevent: "Deprecate instead of unpublishing: npm deprecate NAME@VERSION \"why\".",
		Exit:    ExitData, Status: []int{0, 400, 403, 409}, Says: saysExists,
		RuledOutBy: Clues{"version": {"same", "other", "there"}},
	},
	{
		ID: "version-exists", Rank: 215, Own: true, Title: "${release} is already on ${registry}",
		Why: "A version can be published once, and what is published can never be replaced. This number is taken.",
		Happens: []string{
			"the version in package.json was not raised since the last release",
			"the release ran twice, or somebody else released meanwhile",
			"npm's own retry met its first upload, whose answer was lost: then it is published (see already-published)",
			"the number was unpublished earlier (see version-burnt), or is being processed (see version-staged)",
		},
		Confirm: []string{
			"npm view NAME@VERSION dist.shasum  the shasum on the registry; npm publish prints yours",
			"npm view NAME time --json  every number ever used, and when",
		},
		Fix: []string{
			"Raise the version: npm version patch (or minor, major, prerelease), then publish again.",
			"If the version is right and only the dist-tag is not: npm dist-tag add NAME@VERSION TAG",
		},
		Prevent: "Raise the version in the same step that releases, and let CI compare with npm view NAME version first.",
		Exit:    ExitData, Status: []int{0, 400, 403, 409}, Says: saysExists,
		RuledOutBy: Clues{"version": {"burnt", "gone"}},
	},
	{
		ID: "publish-race", Rank: 815, Title: "${registry} was still busy with another publish of ${package} (409 Conflict)",
		Why: "Two publishes changed the package's document at the same time, or the one before was not processed yet. The version may have " +
			"been stored all the same (npm/cli#7376).",
		Happens: []string{
			"several packages or versions are published in quick succession",
			"two jobs publish the same package at the same time",
			"an earlier attempt was accepted, and its answer was lost",
		},
		Confirm: []string{"npm view NAME@VERSION dist.shasum  is it there after all; npmjs.org may need 15 minutes and more to show it"},
		Fix: []string{
			"Look first: npm view NAME@VERSION dist.shasum. If it is there with your shasum, it is published.",
			"Otherwise wait a minute and publish the same again. If the answer is \"previously staged\" then, the first upload was taken and is " +
				"being scanned (since July 2026).",
		},
		Prevent: "Publish one after the other. npm 9 and older read the document again and hide the 409 behind \"404 Not Found - GET\".",
		Exit:    ExitTempFail, Status: []int{0, 400, 409}, Says: saysRace,
	},
}

// checkSame: the same bytes are there, so the publish is done, whatever npm said.
func checkSame(c *Case) verdict {
	switch c.SameBytes() {
	case Yes:
		return byAnswers(thisVersion(c)...)
	case No:
		return ruledOut(thisVersion(c)...)
	}
	if c.versionThere() == No && c.upload() != transcript.Open {
		return ruledOut()
	}
	return possible()
}
