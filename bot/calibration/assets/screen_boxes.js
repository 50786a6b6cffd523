// The picture of the screen with a box for each field: drawn, moved and resized with the mouse or the keyboard.
//
// Boxes are in screen pixels. The picture is fetched by the browser, one after the other, so that it is never
// behind. Events: draw {name, x, y, width, height}, pick {name}, drop {name}, and look
// {x, y, width, height}: the part of the screen that is in view.
const LEAST = 6;
const CORNERS = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

export default {
  template: `
    <div class="cb-screen">
      <div class="cb-toolbar" role="toolbar" aria-label="Picture">
        <slot></slot>
        <span class="cb-spring"></span>
        <button type="button" class="cb-tool" @click="zoomBy(0.8)" aria-label="Smaller" title="Smaller (-)">&minus;</button>
        <button type="button" class="cb-tool cb-zoom" @click="fit" title="Fit (0)">{{ Math.round(zoom * 100) }} %</button>
        <button type="button" class="cb-tool" @click="zoomBy(1.25)" aria-label="Larger" title="Larger (+)">+</button>
      </div>
      <div class="cb-view" ref="view" @wheel="wheel" @scroll="tellLook">
        <div class="cb-stage" :style="{ width: width * zoom + 'px', height: height * zoom + 'px' }">
          <img class="cb-picture" :src="shown" alt="" draggable="false" v-if="shown" />
          <svg ref="svg" class="cb-boxes" :class="{ drawing: !!drawing }" :viewBox="'0 0 ' + width + ' ' + height"
               tabindex="0" role="application" :aria-label="told" data-name="screen"
               @pointerdown="down" @pointermove="move" @pointerup="up" @pointercancel="cancel" @keydown="key">
            <g v-for="box in ordered" :key="box.name" :class="['cb-box', box.state, { chosen: box.name === selected }]"
               :style="{ '--c': box.colour }">
              <rect :x="box.x" :y="box.y" :width="box.width" :height="box.height" :data-box="box.name"
                    vector-effect="non-scaling-stroke" />
              <g :transform="tag(box)" class="cb-tag" aria-hidden="true" v-if="zoom > 0.35 || box.name === selected">
                <rect x="0" y="-15" :width="box.label.length * 6.6 + 10" height="15" rx="2" />
                <text x="5" y="-4">{{ box.label }}</text>
              </g>
            </g>
            <g v-if="chosen && !drawing">
              <rect v-for="corner in handles" :key="corner.name" class="cb-handle" :data-handle="corner.name"
                    :x="corner.x - 4 / zoom" :y="corner.y - 4 / zoom" :width="8 / zoom" :height="8 / zoom" />
            </g>
            <rect v-if="rubber" class="cb-rubber" :x="rubber.x" :y="rubber.y" :width="rubber.width"
                  :height="rubber.height" vector-effect="non-scaling-stroke" />
          </svg>
        </div>
      </div>
    </div>`,
  props: {
    width: Number,
    height: Number,
    boxes: Array,
    selected: String,
    drawing: String,
    every: Number,
    generation: Number,
  },
  data() {
    return { zoom: 1, shown: "", rubber: null, held: null, moved: {}, fitted: true };
  },
  computed: {
    ordered() {
      const mine = this.boxes.map((box) => ({ ...box, ...(this.moved[box.name] || {}) }));
      return mine.sort((a, b) => (a.name === this.selected) - (b.name === this.selected));
    },
    chosen() {
      return this.ordered.find((box) => box.name === this.selected);
    },
    handles() {
      const { x, y, width, height } = this.chosen;
      const at = { n: y, s: y + height, w: x, e: x + width };
      return CORNERS.map((name) => ({
        name,
        x: at[name.includes("w") ? "w" : "e"] * !/^[ns]$/.test(name) + (x + width / 2) * /^[ns]$/.test(name),
        y: at[name.includes("n") ? "n" : "s"] * !/^[ew]$/.test(name) + (y + height / 2) * /^[ew]$/.test(name),
      }));
    },
    told() {
      if (this.drawing) return `Drag a box round the ${this.drawing}, or press Enter for one in the middle; Escape leaves.`;
      return "Picture of the screen. Arrow keys move the chosen box, with Shift they resize it, with Control by ten; Delete removes it.";
    },
  },
  watch: {
    boxes() {
      this.moved = {};
    },
    drawing(name) {
      if (name) this.$refs.svg.focus({ preventScroll: true });
    },
    zoom() {
      this.tellLook();
    },
    generation() {
      this.load();
    },
    width() {
      if (this.fitted) this.fit();
    },
  },
  mounted() {
    this.load();
    this.fit();
    this.sized = new ResizeObserver(() => this.fitted && this.fit());
    this.sized.observe(this.$refs.view);
  },
  unmounted() {
    clearTimeout(this.timer);
    this.sized.disconnect();
    this.gone = true;
  },
  methods: {
    load() {
      clearTimeout(this.timer);
      const next = new Image();
      const again = () => {
        if (!this.gone && this.every > 0) this.timer = setTimeout(this.load, this.every);
      };
      next.onload = () => {
        this.shown = next.src;
        again();
      };
      next.onerror = again;
      next.src = `${window.path_prefix || ""}/picture?n=${Date.now()}`;
    },
    fit() {
      const view = this.$refs.view;
      if (!view || !this.width) return;
      this.zoom = Math.min(view.clientWidth / this.width, view.clientHeight / this.height) || 1;
      this.fitted = true;
    },
    zoomBy(factor, point) {
      const view = this.$refs.view;
      const before = this.zoom;
      this.zoom = Math.min(8, Math.max(0.1, this.zoom * factor));
      this.fitted = false;
      const at = point || [view.clientWidth / 2, view.clientHeight / 2];
      const middle = point ? null : this.middle();
      this.$nextTick(() => {
        if (middle) {
          view.scrollLeft = middle[0] * this.zoom - at[0];
          view.scrollTop = middle[1] * this.zoom - at[1];
        } else {
          view.scrollLeft = ((view.scrollLeft + at[0]) * this.zoom) / before - at[0];
          view.scrollTop = ((view.scrollTop + at[1]) * this.zoom) / before - at[1];
        }
      });
    },
    middle() {
      // of the chosen box, or of all: what a person wants to see larger
      const boxes = this.chosen ? [this.chosen] : this.ordered;
      if (!boxes.length) return null;
      const [left, top] = [Math.min(...boxes.map((b) => b.x)), Math.min(...boxes.map((b) => b.y))];
      const right = Math.max(...boxes.map((b) => b.x + b.width));
      const bottom = Math.max(...boxes.map((b) => b.y + b.height));
      return [(left + right) / 2, (top + bottom) / 2];
    },
    tellLook() {
      clearTimeout(this.looking);
      this.looking = setTimeout(() => {
        const view = this.$refs.view;
        if (!view) return;
        const x = Math.max(0, Math.round(view.scrollLeft / this.zoom));
        const y = Math.max(0, Math.round(view.scrollTop / this.zoom));
        const width = Math.min(this.width - x, Math.ceil(view.clientWidth / this.zoom));
        const height = Math.min(this.height - y, Math.ceil(view.clientHeight / this.zoom));
        this.$emit("look", { x, y, width, height });
      }, 200);
    },
    wheel(event) {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const view = this.$refs.view.getBoundingClientRect();
      this.zoomBy(event.deltaY < 0 ? 1.2 : 1 / 1.2, [event.clientX - view.x, event.clientY - view.y]);
    },
    tag(box) {
      const top = box.y * this.zoom < 16 ? box.y + box.height + 15 / this.zoom : box.y;
      return `translate(${box.x} ${top}) scale(${1 / this.zoom})`;
    },
    place(event) {
      const area = this.$refs.svg.getBoundingClientRect();
      const x = ((event.clientX - area.x) * this.width) / area.width;
      const y = ((event.clientY - area.y) * this.height) / area.height;
      return [Math.min(this.width, Math.max(0, Math.round(x))), Math.min(this.height, Math.max(0, Math.round(y)))];
    },
    down(event) {
      if (event.button !== 0) return;
      const [x, y] = this.place(event);
      const { handle, box } = event.target.dataset;
      this.$refs.svg.setPointerCapture(event.pointerId);
      if (this.drawing) this.held = { kind: "draw", x, y };
      else if (handle) this.held = { kind: handle, x, y, from: this.plain(this.chosen) };
      else if (box) {
        if (box !== this.selected) this.$emit("pick", { name: box });
        this.held = { kind: "move", x, y, name: box, from: this.plain(this.ordered.find((b) => b.name === box)) };
      } else this.held = { kind: "pan", left: event.clientX, top: event.clientY };
    },
    move(event) {
      const held = this.held;
      if (!held) return;
      if (held.kind === "pan") {
        this.$refs.view.scrollLeft -= event.clientX - held.left;
        this.$refs.view.scrollTop -= event.clientY - held.top;
        held.left = event.clientX;
        held.top = event.clientY;
        return;
      }
      const [x, y] = this.place(event);
      if (held.kind === "draw") {
        this.rubber = { x: Math.min(x, held.x), y: Math.min(y, held.y), width: Math.abs(x - held.x), height: Math.abs(y - held.y) };
      } else {
        const name = held.name || this.selected;
        this.moved = { [name]: this.bent(held.from, held.kind, x - held.x, y - held.y) };
      }
    },
    up() {
      const held = this.held;
      this.held = null;
      if (!held) return;
      if (held.kind === "draw") {
        const drawn = this.rubber;
        this.rubber = null;
        if (drawn && drawn.width >= LEAST && drawn.height >= LEAST) this.$emit("draw", { name: this.drawing, ...drawn });
      } else if (held.kind !== "pan") {
        const name = held.name || this.selected;
        if (this.moved[name]) this.$emit("draw", { name, ...this.moved[name] });
      }
    },
    cancel() {
      this.held = this.rubber = null;
      this.moved = {};
    },
    plain({ x, y, width, height }) {
      return { x, y, width, height };
    },
    bent(from, kind, dx, dy) {
      let { x, y, width, height } = from;
      if (kind === "move") {
        x += dx;
        y += dy;
      } else {
        if (kind.includes("e")) width = Math.max(LEAST, width + dx);
        if (kind.includes("s")) height = Math.max(LEAST, height + dy);
        if (kind.includes("w")) {
          const left = Math.min(x + width - LEAST, x + dx);
          width += x - left;
          x = left;
        }
        if (kind.includes("n")) {
          const top = Math.min(y + height - LEAST, y + dy);
          height += y - top;
          y = top;
        }
      }
      width = Math.min(width, this.width);
      height = Math.min(height, this.height);
      x = Math.min(this.width - width, Math.max(0, x));
      y = Math.min(this.height - height, Math.max(0, y));
      return { x, y, width, height };
    },
    key(event) {
      if (event.key === "+" || event.key === "=") this.zoomBy(1.25);
      else if (event.key === "-") this.zoomBy(0.8);
      else if (event.key === "0") this.fit();
      else if (event.key === "Escape") this.$emit("pick", { name: "" });
      else if (event.key === "Enter" && this.drawing) this.drawInMiddle();
      else if (event.key === "Delete" && this.chosen) this.$emit("drop", { name: this.selected });
      else if (event.key.startsWith("Arrow") && this.chosen && !this.drawing) this.nudge(event);
      else return;
      event.preventDefault();
    },
    drawInMiddle() {
      const view = this.$refs.view;
      const x = Math.round((view.scrollLeft + view.clientWidth / 2) / this.zoom);
      const y = Math.round((view.scrollTop + view.clientHeight / 2) / this.zoom);
      const box = this.bent({ x: x - 60, y: y - 20, width: 120, height: 40 }, "move", 0, 0);
      this.$emit("draw", { name: this.drawing, ...box });
    },
    nudge(event) {
      const by = event.ctrlKey ? 10 : 1;
      const dx = { ArrowLeft: -by, ArrowRight: by }[event.key] || 0;
      const dy = { ArrowUp: -by, ArrowDown: by }[event.key] || 0;
      const bent = this.bent(this.plain(this.chosen), event.shiftKey ? "se" : "move", dx, dy);
      this.moved = { [this.selected]: bent };
      this.$emit("draw", { name: this.selected, ...bent });
    },
  },
};
