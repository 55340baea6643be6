// imsmanifest.xml of a course package, for SCORM 1.2 and SCORM 2004 4th edition. Pure.

export const STANDARDS = ['1.2', '2004'];

const SPACES = {
  '1.2': {
    xmlns: 'http://www.imsproject.org/xsd/imscp_rootv1p1p2',
    'xmlns:adlcp': 'http://www.adlnet.org/xsd/adlcp_rootv1p2',
    'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    'xsi:schemaLocation': 'http://www.imsproject.org/xsd/imscp_rootv1p1p2 imscp_rootv1p1p2.xsd '
      + 'http://www.imsglobal.org/xsd/imsmd_rootv1p2p1 imsmd_rootv1p2p1.xsd http://www.adlnet.org/xsd/adlcp_rootv1p2 adlcp_rootv1p2.xsd',
  },
  2004: {
    xmlns: 'http://www.imsglobal.org/xsd/imscp_v1p1',
    'xmlns:adlcp': 'http://www.adlnet.org/xsd/adlcp_v1p3',
    'xmlns:adlseq': 'http://www.adlnet.org/xsd/adlseq_v1p3',
    'xmlns:adlnav': 'http://www.adlnet.org/xsd/adlnav_v1p3',
    'xmlns:imsss': 'http://www.imsglobal.org/xsd/imsss',
    'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    'xsi:schemaLocation': 'http://www.imsglobal.org/xsd/imscp_v1p1 imscp_v1p1.xsd http://www.adlnet.org/xsd/adlcp_v1p3 adlcp_v1p3.xsd '
      + 'http://www.adlnet.org/xsd/adlseq_v1p3 adlseq_v1p3.xsd http://www.adlnet.org/xsd/adlnav_v1p3 adlnav_v1p3.xsd '
      + 'http://www.imsglobal.org/xsd/imsss imsss_v1p0.xsd',
  },
};

/** Text between tags, or in quotes. What XML has no place for is not passed: see plain(). */
export const escapeXml = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** An element as lines: tag('title', {}, 'text') or tag('item', {identifier}, [tag(…), …]). */
function tag(name, attributes, content = []) {
  const opened = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeXml(value)}"`)].join(' ');
  if (typeof content === 'string') return [`<${opened}>${escapeXml(content)}</${name}>`];
  const lines = content.filter((part) => part !== null).flat();
  return lines.length === 0 ? [`<${opened}/>`] : [`<${opened}>`, ...lines.map((line) => `  ${line}`), `</${name}>`];
}

// What the course is called and told about itself, as learning object metadata.
function metadata(standard, { title, summary, language }) {
  const is12 = standard === '1.2';
  const text = (name, value) => tag(name, {}, [is12 ? tag('langstring', { 'xml:lang': language }, value) : tag('string', { language }, value)]);
  const xmlns = is12 ? 'http://www.imsglobal.org/xsd/imsmd_rootv1p2p1' : 'http://ltsc.ieee.org/xsd/LOM';
  return tag('metadata', {}, [
    tag('schema', {}, 'ADL SCORM'),
    tag('schemaversion', {}, is12 ? '1.2' : '2004 4th Edition'),
    tag('lom', { xmlns }, [tag('general', {}, [
      text('title', title), tag('language', {}, language), summary ? text('description', summary) : null])]),
  ]);
}

// From which score on a lesson is passed, and that the lesson itself says what became of it.
function sequencing(pass) {
  const objective = { satisfiedByMeasure: String(pass > 0), objectiveID: 'score' };
  return tag('imsss:sequencing', {}, [
    tag('imsss:objectives', {}, [tag('imsss:primaryObjective', objective,
      pass > 0 ? [tag('imsss:minNormalizedMeasure', {}, String(pass / 100))] : [])]),
    tag('imsss:deliveryControls', { completionSetByContent: 'true', objectiveSetByContent: 'true' }),
  ]);
}

function item(standard, { id, title }, pass) {
  return tag('item', { identifier: `item-${id}`, identifierref: `lesson-${id}`, isvisible: 'true' }, [
    tag('title', {}, title),
    standard === '1.2' ? (pass > 0 ? tag('adlcp:masteryscore', {}, String(pass)) : null) : sequencing(pass),
  ]);
}

const controls = () => tag('imsss:sequencing', {}, [tag('imsss:controlMode', { choice: 'true', flow: 'true' })]);

function resource(standard, kind, { identifier, href, files, uses }) {
  const type = standard === '1.2' ? 'adlcp:scormtype' : 'adlcp:scormType';
  return tag('resource', { identifier, type: 'webcontent', [type]: kind, ...(href ? { href } : {}) }, [
    ...files.map((file) => tag('file', { href: encodeURI(file) })),
    ...uses.map((identifierref) => tag('dependency', { identifierref })),
  ]);
}

/**
 * standard: '1.2' or '2004'; identifier: of the package; lessons: [{id, title, page}], a SCO each; files: what all of them need;
 * pass: per cent from which on a lesson is passed, 0 for none.
 */
export function manifest({ standard, identifier, title, summary, language, lessons, files, pass }) {
  const lines = tag('manifest', { identifier, version: '1.0', ...SPACES[standard] }, [
    metadata(standard, { title, summary, language }),
    tag('organizations', { default: 'course' }, [tag('organization', { identifier: 'course' }, [
      tag('title', {}, title),
      ...lessons.map((lesson) => item(standard, lesson, pass)),
      standard === '1.2' ? null : controls(),
    ])]),
    tag('resources', {}, [
      ...lessons.map(({ id, page }) => resource(standard, 'sco', { identifier: `lesson-${id}`, href: page, files: [page], uses: ['page'] })),
      resource(standard, 'asset', { identifier: 'page', files, uses: [] }),
    ]),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines.join('\n')}\n`;
}
