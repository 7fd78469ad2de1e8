import { createRoot } from 'react-dom/client';
import { StrictMode, useRef, useState } from 'react';
import { SupportChat } from '@chatorical/widget/react';

function App() {
  const [isThere, setThere] = useState(true);
  const [locale, setLocale] = useState('en');
  const [brand, setBrand] = useState('#3b5bdb');
  const [heard, setHeard] = useState([]);
  const chat = useRef(null);
  const { origin, widgetKey } = window.shop;
  return (
    <main>
      <h1>Bakery</h1>
      <button onClick={() => setThere(!isThere)}>Turn the chat</button>
      <button onClick={() => setLocale('de')}>Deutsch</button>
      <button onClick={() => setBrand('#aa0000')}>Red</button>
      <button onClick={() => chat.current.open()}>Ask us</button>
      <output>{heard.join(' ')}</output>
      {isThere && (
        <SupportChat
          ref={chat}
          origin={origin}
          widgetKey={widgetKey}
          locale={locale}
          theme={{ brand }}
          onEvent={({ type }) => setHeard([...heard, type])}
        />
      )}
    </main>
  );
}

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
