#!/bin/sh
safepublish --max-wait 10m --report release.json "$@"
status=$?
case $status in
	0) echo "published, or it was there before" ;;
	65) echo "change the package: raise its version, for example" >&2 ;;
	69 | 75) echo "not now: run this again later" >&2 ;;
	77 | 78) echo "the login, the rights or the settings here" >&2 ;;
	*) echo "not published" >&2 ;;
esac
exit $status
