/**
 * Properties of our own objects that the build may shorten: of nothing that a page, the server, a storage
 * or a browser reads or writes, and never used by a text. One that is missing here costs a few bytes.
 */
export const INTERNAL_NAMES = `
  acceptGaps act addHistory addPending afterSeq announce announceNews attempts canEdit canRetry
  closedNote completeUpTo countOutboundAfter dayKey earlierSession editWord elapsed emptyComposer expectEcho
  firm forgetEarlier hasAttention hasGap hasMessages hurry isAtEnd isBlocked isBusy isClosed isCode
  isCurrent isDecided isDefault isExpired isKnown isNew isOnline isReachable isRefused isShared
  isShown isSmall isStalled isUnavailable isUnproven keepHistory kick lastOutboundSeq lastSeq
  layers listening localeChanged makeId makeKeys markRead modal moveMarks news onBlocked onChange
  onClear onCleared onClose onConfirm onConnected onDone onDraft onEdit onFailed onFrame onInbound
  onIncoming onLink onLoaded onName onNear onOpenChange onOver onOwn onPress onRefused onRenew
  onRetry onRevoked onSend onSent onStarted onStranger onTold onUnavailable onUnknown openSocket
  owner ownKey pageWords preference reachable readUpTo redraw removePending retell retryAfterMs
  saveDraft saveEarlier saveLocale saveOwner savePreference saveReadUpTo saveSeenUpTo saveSessionId
  seenUpTo segment seqOf sessionId setBusy setFailed setOpen setValue setVisible showDraft slow socketToken stalled
  storageChanged storedAs sweep tabArea tabName tellLocale tellSoon timers toEnd toggles unreadAfter
  updatePending WebSocketImpl withdraw
`
  .trim()
  .split(/\s+/);
