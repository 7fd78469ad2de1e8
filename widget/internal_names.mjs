/**
 * Properties of our own objects that the build may shorten: of nothing that a page, the server, a storage
 * or a browser reads or writes, and never used by a text. One that is missing here costs a few bytes.
 */
export const INTERNAL_NAMES = `
  acceptGaps act addHistory addPending afterSeq aliases announce announceNews attempts
  byLocale canEdit canRetry closedNote completeUpTo countOutboundAfter dayKey drawFiles earlierSession
  editWord elapsed emptyComposer expectEcho firm followsPage forgetEarlier hasAttention hasEarlier
  hasGap hasMessages hurry isAllowed isAtEnd isBlocked isBusy isClosed isCode isConfigured
  isCurrent isDecided isDefault isExpired isHidden isKnown isNew isOnline isPaperDark isReachable
  isRefused isShared isShown isSmall isStalled isUnavailable isUnproven keepHistory kick lastOutboundSeq
  lastSeq layers listening loadLook loadWords localeChanged makeId makeKeys makeMenu markRead modal
  moveMarks news onBlocked onChange onClear onCleared onClose onConfirm onConnected onDone onDraft
  onEarlier onEdit onFailed onFrame onInbound onIncoming onKey onLink onLoaded onMessage onMore onName
  onNear onOpenChange onOver onOwn onPress onReady onRefused onRenew onRetry onRevoked onSend onSent
  onStarted onStranger onTold onUnavailable onUnknown openSocket owner ownKey ownWords pageLocale
  pageOrigin pageWords preference reachable readUpTo redraw removePending retell retryAfterMs saveDraft
  saveEarlier saveLocale saveOwner savePreference saveReadUpTo saveSeenUpTo saveSessionId
  seenUpTo segment segments seqOf sessionId setAway setBusy setFailed setOpen setValue
  setVisible showDraft slow socketToken stalled storageChanged storedAs sweep tabArea tabName
  tellLocale tellSoon timers toEnd toggles unreadAfter updatePending WebSocketImpl withdraw wordsOf
`
  .trim()
  .split(/\s+/);
