/** The games' names as lettering of our own: inline SVG, 20 px high. */

const LOGOS = {
  aviator: `<svg width="98" height="22" viewBox="0 0 98 22" role="img" aria-label="Aviator">
    <g fill="none" stroke="#e50539" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" transform="skewX(-12) translate(4 0)">
    <path d="M2 18C6 13 9 7 12 3L14.500 18M5.500 12.500H13.500"/><path d="M18 9L21.500 18L26 9"/><path d="M31 9.500V18"/>
    <circle cx="41" cy="13.700" r="4.300"/><path d="M45.500 9.200V18"/><path d="M52 4V15C52 17.600 54 18.400 56.500 17.700M49 9.200H56.500"/>
    <circle cx="64.500" cy="13.600" r="4.400"/><path d="M74 18V9.500M74 13C75 10 77.500 8.900 80.500 9.300"/></g>
    <g fill="#e50539"><circle cx="33.600" cy="4.600" r="1.900"/><path d="M80 5L97 0.500L91.500 8.500L88.500 5.600Z"/></g></svg>`,
  aviatrix: `<svg width="112" height="22" viewBox="0 0 112 22" role="img" aria-label="Aviatrix">
    <g fill="none" stroke="#ffb52e" stroke-width="2.800" stroke-linejoin="round" stroke-linecap="round">
    <path d="M3 18L9 4L15 18"/><path d="M18 4L24 18L30 4"/><path d="M35 4V18"/><path d="M40 18L46 4L52 18"/><path d="M54 4.200H66M60 4.200V18"/>
    <path d="M70 18V4.200H75.500A4 4 0 0 1 75.500 12.200H70M75.500 12.200L80.500 18"/><path d="M86 4V18"/></g>
    <path d="M92 4L106 18" stroke="#ffb52e" stroke-width="2.800" stroke-linecap="round"/><path d="M92 18C98 15 103 9 107 2.500L103.500 3.600M107 2.500L107.600 6.200" fill="none" stroke="#ff6f91" stroke-width="2.600" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
  jetx: `<svg width="82" height="22" viewBox="0 0 82 22" role="img" aria-label="JetX">
    <g transform="skewX(-14) translate(5 0)"><g fill="#e9f4ff"><path d="M4 17L2 13.500H8V3H13V13A4 4 0 0 1 9 17Z"/><path d="M17 3H30V6.700H22V8.300H29V11.700H22V13.300H30V17H17Z"/><path d="M33 3H48V7H43V17H38V7H33Z"/></g>
    <path d="M51 3H57L60.500 7.300L64.500 3H71L63.500 10L70.500 17H64.300L60.300 12.700L56 17H49.500L57.300 10Z" fill="#00c2ff"/></g>
    <path d="M2 20.500H66" stroke="#00c2ff" stroke-width="1.400" opacity=".7"/></svg>`,
};

/** Markup of the lettering of `game`. */
export function logo(game) {
  return LOGOS[game] ?? "";
}
