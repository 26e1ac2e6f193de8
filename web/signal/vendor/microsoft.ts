// Microsoft Advertising, UET consent mode.
import { everywhere, say, words } from "../say";

declare const __SIGNAL: string; // category

say((kind, allows) => (everywhere.uetq ||= []).push("consent", kind, words({ ad_storage: __SIGNAL }, allows)));
