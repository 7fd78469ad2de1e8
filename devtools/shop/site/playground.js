// The widget's options as a form: each change starts the chat anew with them, and shows the code.
(() => {
  const origin = document.currentScript.dataset.widgetOrigin;
  const element = (id) => document.getElementById(id);

  /** What the form offers; a value that is left alone is not told to the chat. */
  const GROUPS = {
    Look: [
      { name: 'theme.brand', hint: 'teal, #b3261e …' },
      { name: 'theme.scheme', choices: ['auto', 'light', 'dark'] },
      { name: 'theme.radius', hint: '12', isNumber: true },
      { name: 'theme.font', hint: 'Georgia, serif' },
      { name: 'position', choices: ['right', 'left'] },
    ],
    Words: [
      { name: 'locale', choices: ['en', 'ar', 'de', 'es', 'fr', 'lv', 'ru', 'uk'], isEmptyFirst: true },
      { name: 'strings.title', hint: 'Support' },
      { name: 'strings.placeholder', hint: 'Write a message' },
      { name: 'contact', hint: 'help@loam.example' },
    ],
    Behaviour: [
      { name: 'open', isSwitch: true },
      { name: 'soundDefaultOn', isSwitch: true },
      { name: 'showSoundToggle', isSwitch: true, isOn: true },
      { name: 'vibrationDefaultOn', isSwitch: true },
      { name: 'showVibrationToggle', isSwitch: true, isOn: true },
    ],
    'Where it appears': [
      { name: 'includePaths', hint: '/, /shop/*', isList: true },
      { name: 'excludePaths', hint: '/checkout', isList: true },
    ],
    Visitor: [
      { name: 'attributes.plan', hint: 'pro' },
      { name: 'attributes.orders', hint: '3', isNumber: true },
    ],
  };
  const OPTIONS = Object.values(GROUPS).flat();
  const METHODS = ['open', 'close', 'show', 'hide', 'forget', 'destroy', 'init'];

  function make(name, attributes, ...children) {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  }

  function controlOf(option) {
    const { name, hint, choices, isEmptyFirst, isSwitch, isOn } = option;
    if (isSwitch) return make('input', { id: name, type: 'checkbox', checked: !!isOn });
    if (!choices) return make('input', { id: name, placeholder: hint, autocomplete: 'off', spellcheck: false });
    const values = isEmptyFirst ? ['', ...choices] : choices;
    const shown = (value) => value || 'the page’s';
    return make('select', { id: name }, ...values.map((value) => make('option', { value, textContent: shown(value) })));
  }

  /** What the visitor of this page has chosen for an option; undefined where it is left alone. */
  function chosen({ name, choices, isEmptyFirst, isSwitch, isOn, isNumber, isList }) {
    const control = element(name);
    if (isSwitch) return control.checked === !!isOn ? undefined : control.checked;
    const value = control.value.trim();
    if (!value || (choices && !isEmptyFirst && value === choices[0])) return undefined;
    if (isNumber) return Number.isFinite(Number(value)) ? Number(value) : undefined;
    return isList ? value.split(',').map((path) => path.trim()).filter(Boolean) : value;
  }

  function read() {
    const options = {};
    for (const option of OPTIONS) {
      const value = chosen(option);
      if (value === undefined) continue;
      const [outer, inner] = option.name.split('.');
      if (inner) options[outer] = { ...options[outer], [inner]: value };
      else options[outer] = value;
    }
    return options;
  }

  /** As people write it, without quotes around names that need none. */
  function asCode(options) {
    const text = JSON.stringify(options, null, 2).replace(/^(\s*)"(\w+)":/gm, '$1$2:');
    return text === '{}' ? '' : text;
  }

  function show(options) {
    const call = `  SupportChatV2.init(${asCode(options)});`.replace(/\n/g, '\n  ');
    element('code').textContent = [
      `<script src="${origin}/widget.min.js"></script>`,
      '<script>',
      call,
      '</script>',
    ].join('\n');
  }

  function note({ type, unread }) {
    const words = type === 'message' ? `message, ${unread} unread` : type;
    const time = make('time', { textContent: new Date().toLocaleTimeString() });
    element('events').prepend(make('li', {}, time, words));
  }

  function start() {
    const options = read();
    show(options);
    document.body.dataset.chat = options.position ?? 'right';
    window.SupportChatV2.destroy();
    window.SupportChatV2.init({ origin, ...options, onEvent: note });
  }

  for (const [title, options] of Object.entries(GROUPS)) {
    const rows = options.map((option) => {
      const label = make('label', { htmlFor: option.name, textContent: option.name });
      return make('div', { className: 'option' }, label, controlOf(option));
    });
    element('options').append(make('fieldset', {}, make('legend', { textContent: title }), ...rows));
  }
  element('options').addEventListener('submit', (event) => event.preventDefault());
  for (const name of METHODS) {
    const button = make('button', { type: 'button', className: 'button quiet', textContent: `${name}()` });
    button.addEventListener('click', () => (name === 'init' ? start() : window.SupportChatV2?.[name]()));
    element('methods').append(button);
  }
  element('copy').addEventListener('click', async () => {
    await navigator.clipboard.writeText(element('code').textContent);
    element('copy').textContent = 'Copied';
    setTimeout(() => (element('copy').textContent = 'Copy'), 2000);
  });

  show({});
  const script = make('script', { src: `${origin}/widget.min.js`, async: true });
  script.onload = () => {
    element('options').addEventListener('change', start);
    start();
  };
  script.onerror = () => {
    element('no-events').textContent = 'The chat’s script did not come. Is the demo running?';
  };
  document.head.append(script);
})();
