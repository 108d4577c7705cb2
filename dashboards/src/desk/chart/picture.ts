/** Gives a chart as a picture: to the clipboard where the browser allows it (on pages with TLS), else as a file. */
import { download } from "../download.ts";

const SCALE = 2;

export async function copyPicture(svg: SVGElement, ground: string, name: string): Promise<"copied" | "saved"> {
  const picture = await pngOf(svg, ground);
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
    return "copied";
  } catch {
    download(`${name}.png`, picture);
    return "saved";
  }
}

async function pngOf(svg: SVGElement, ground: string): Promise<Blob> {
  const { width, height } = svg.getBoundingClientRect();
  const text = new XMLSerializer().serializeToString(svg);
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml;charset=utf-8" }));
  await image.decode();
  URL.revokeObjectURL(image.src);
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("the browser draws no pictures");
  context.fillStyle = ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob === null ? reject(new Error("no picture was made")) : resolve(blob)), "image/png"),
  );
}
