/**
 * Properties of our own objects that the build may shorten: of nothing that a page, the server, a storage
 * or a browser reads or writes, and never used by a text. One that is missing here costs a few bytes.
 */
export const INTERNAL_NAMES = `
  acceptGaps addHistory addPending afterSeq announceNews canEdit canRetry closedNote completeUpTo
  countOutboundAfter dayKey earlierSession emptyComposer expectEcho forgetEarlier hasAttention
  hasGap hasMessages isAtEnd isBlocked isClosed isCode isCurrent isDecided isDefault isExpired
  isKnown isNew isOnline isReachable isRefused isShared isShown isSmall isStalled isUnavailable
  isUnproven keepHistory lastOutboundSeq lastSeq localeChanged makeId makeKeys markRead moveMarks
  onBlocked onChange onClear onCleared onClose onConfirm onConnected onDone onDraft onEdit onFailed
  onFrame onInbound onIncoming onLink onLoaded onName onNear onOpenChange onOver onOwn onPress
  onRefused onRenew onRetry onRevoked onSend onSent onStarted onStranger onTold onUnavailable
  onUnknown openSocket ownKey pageWords readUpTo removePending retryAfterMs saveDraft saveEarlier
  saveLocale saveOwner savePreference saveReadUpTo saveSeenUpTo saveSessionId seenUpTo seqOf
  setBusy setFailed setValue setVisible showDraft socketToken storageChanged storedAs tabArea
  tellLocale tellSoon toEnd unreadAfter updatePending WebSocketImpl
`
  .trim()
  .split(/\s+/);
