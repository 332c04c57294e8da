npm() {
	case $1 in
		publish) shift && safepublish "$@" ;;
		*) command npm "$@" ;;
	esac
}
