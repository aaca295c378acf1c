// Keeps the page up to date and asks before something is done. Without it the page can be read, and every button works.
'use strict';

(() => {
  const root = document.body.dataset.root;
  const POLL = 5000; // while the stream of changes is broken
  const QUIET = 40000; // a stream without any sign of life for so long is broken
  const page = {headers: {'X-Raid-Page': '1'}, credentials: 'same-origin', cache: 'no-store'};

  /* times: said by their distance, and at hand in the reader's own zone */

  const exact = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium'});

  function localTimes(within) {
    for (const time of within.querySelectorAll('time[datetime]')) {
      const moment = exact.format(new Date(time.dateTime));
      if ('exact' in time.dataset) {
        time.textContent = moment;
      } else {
        time.title = moment + ' · ' + time.title;
      }
    }
  }

  /* changing a tree into another one in place, so that focus, scroll and transitions stay */

  function same(a, b) {
    return a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || '') === (b.id || '');
  }

  function morph(from, to) {
    if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
      return;
    }
    for (const {name} of [...from.attributes]) {
      if (!to.hasAttribute(name)) from.removeAttribute(name);
    }
    for (const {name, value} of [...to.attributes]) {
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
    let old = from.firstChild;
    for (const next of [...to.childNodes]) {
      let match = old;
      while (match && !same(match, next)) match = next.id ? match.nextSibling : null;
      if (match) {
        while (old !== match) {
          const gone = old;
          old = old.nextSibling;
          gone.remove();
        }
        old = match.nextSibling;
        morph(match, next);
      } else {
        from.insertBefore(next, old);
      }
    }
    while (old) {
      const gone = old;
      old = old.nextSibling;
      gone.remove();
    }
  }

  /* the picture */

  const live = document.getElementById('live');
  const connection = document.getElementById('connection');
  const announce = document.getElementById('announce');
  let lastSeen = new Date();
  let loading = false;
  let again = false;
  let signedOut = false;

  function show(html) {
    const next = new DOMParser().parseFromString(html, 'text/html').getElementById('live');
    if (!next) throw new Error('not a picture');
    localTimes(next);
    if (next.dataset.says !== live.dataset.says) announce.textContent = next.dataset.says;
    document.title = next.dataset.title;
    const icon = document.getElementById('icon');
    if (icon.getAttribute('href') !== next.dataset.icon) icon.setAttribute('href', next.dataset.icon);
    morph(live, next);
    lastSeen = new Date();
    stale('');
  }

  // An old picture must not look like a new one.
  function stale(text, link) {
    document.body.classList.toggle('stale', text !== '');
    connection.hidden = text === '';
    if (connection.firstChild && connection.firstChild.nodeValue === text) return;
    connection.textContent = text;
    if (link) {
      const a = document.createElement('a');
      a.href = link;
      a.textContent = 'Sign in again';
      connection.append(' ', a);
    }
  }

  async function refresh() {
    if (signedOut) return;
    if (loading) {
      again = true;
      return;
    }
    loading = true;
    try {
      const answer = await fetch(root + '/live', {...page, signal: AbortSignal.timeout(10000)});
      if (answer.status === 401 || answer.status === 403) {
        signedOut = true;
        stale('You are signed out.', root + '/login?to=' + encodeURIComponent(location.pathname));
      } else if (answer.ok) {
        show(await answer.text());
      } else {
        throw new Error('HTTP ' + answer.status);
      }
    } catch (e) {
      stale('No answer from the server since ' + exact.format(lastSeen) + '. Trying again.');
    }
    loading = false;
    if (again) {
      again = false;
      refresh();
    }
  }

  /* changes are pushed; while they cannot be, they are asked for */

  let stream;
  let heard = 0;

  function listen() {
    heard = Date.now();
    stream = new EventSource(root + '/api/changes');
    const hear = () => {
      heard = Date.now();
      refresh();
    };
    stream.onopen = hear;
    stream.addEventListener('changed', hear);
    stream.addEventListener('alive', hear);
  }

  function tick() {
    if (signedOut) {
      stream.close();
      return;
    }
    if (stream.readyState !== EventSource.OPEN) refresh();
    if (stream.readyState === EventSource.CLOSED || Date.now() - heard > QUIET) {
      stream.close();
      listen();
    }
  }

  // what was said about something begun is soon no longer so
  setTimeout(() => document.querySelectorAll('.passing').forEach(notice => notice.remove()), 8000);

  localTimes(document);
  if (live) {
    listen();
    setInterval(tick, POLL);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
    window.addEventListener('pagehide', () => stream.close());
    window.addEventListener('pageshow', event => { if (event.persisted) listen(); });
  }

  /* questions in a dialog over the page */

  let dialog;

  async function ask(link) {
    const answer = await fetch(link.href, page);
    if (!answer.ok) throw new Error('HTTP ' + answer.status);
    if (dialog) dialog.remove();
    dialog = document.createElement('dialog');
    dialog.setAttribute('aria-labelledby', 'ask-title');
    dialog.append(...new DOMParser().parseFromString(await answer.text(), 'text/html').body.childNodes);
    document.body.append(dialog);
    dialog.addEventListener('close', () => dialog.remove());
    dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
    dialog.showModal();
    dialog.scrollTop = 0; // the focus may be on a button below
  }

  document.addEventListener('click', event => {
    const link = event.target.closest('a');
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if ('leave' in link.dataset && dialog && dialog.open) {
      event.preventDefault();
      dialog.close();
    } else if ('ask' in link.dataset) {
      event.preventDefault();
      ask(link).catch(() => { location.href = link.href; });
    }
  });

  // once is enough
  document.addEventListener('submit', event => {
    for (const button of event.target.querySelectorAll('button')) {
      setTimeout(() => { button.disabled = true; });
    }
  });
  window.addEventListener('pageshow', () => {
    for (const button of document.querySelectorAll('button[disabled]')) button.disabled = false;
  });
})();
