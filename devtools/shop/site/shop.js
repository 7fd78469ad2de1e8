// Puts the widget on the page as any shop would: load the script, then SupportChat.init.
(() => {
  const origin = document.currentScript.dataset.widgetOrigin;
  const script = document.createElement('script');
  script.src = `${origin}/widget.js`;
  script.async = true;
  script.onload = () => {
    window.SupportChat.init({ origin, position: 'right', locale: navigator.language });
    document.documentElement.classList.add('has-chat');
  };
  document.head.append(script);

  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-ask]')) {
      window.SupportChat?.open?.();
    }
  });
})();
