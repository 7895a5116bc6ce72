(() => {
  // Keys of the page: / to the question box, ? for the list of keys, Alt+N a new conversation, Alt+D the data, and in the
  // empty box up and down through what was asked before. Nothing of a person or of the data is ever part of this script.
  if (window.biKeys) return;
  window.biKeys = true;
  let back = 0;
  const box = () => document.querySelector('[data-testid="stChatInputTextArea"]');
  const click = key => document.querySelector(`.st-key-${key} button`)?.click();
  const write = (field, text) => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, text);
    field.dispatchEvent(new Event('input', {bubbles: true}));
  };
  const asked = () => [...document.querySelectorAll('.bi-asked p')].map(p => p.textContent).filter((t, i, all) => t !== all[i + 1]);
  const through = (event, field) => {
    const before = asked(), now = back ? before[before.length - back] : '';
    if (field.value !== now || !before.length) { back = 0; if (field.value) return; }
    const to = back + (event.key === 'ArrowUp' ? 1 : -1);
    if (to < 0 || to > before.length) return;
    event.preventDefault();
    back = to;
    write(field, back ? before[before.length - back] : '');
  };
  document.addEventListener('keydown', event => {
    const at = event.target, field = box();
    if (event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.altKey) {
      const key = {KeyN: 'new', KeyD: 'about'}[event.code];
      if (key) { event.preventDefault(); click(key); }
      return;
    }
    if (at === field && field) {
      if (event.key === 'ArrowUp' || event.key === 'ArrowDown') through(event, field);
      else if (event.key === 'Escape') field.blur();
      else if (event.key === 'Enter') back = 0;
      return;
    }
    if (at.closest?.('input, textarea, select, [contenteditable], [role="dialog"], [role="grid"], .stDataFrame')) return;
    if (event.key === '/' && field) { event.preventDefault(); field.focus(); }
    if (event.key === '?') { event.preventDefault(); click('keys'); }
  }, true);
})();
