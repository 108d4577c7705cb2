/** The texts of the pages to sign in and to pair a display, in every language. */
import type { Language } from "../shared/i18n.ts";

interface Texts {
  readonly signIn: string;
  readonly name: string;
  readonly password: string;
  readonly provider: string;
  readonly failed: string;
  readonly failedProvider: string;
  readonly noRole: string;
  readonly delayed: string;
  readonly away: string;
  readonly signedInAs: string;
  readonly goOn: string;
  readonly signOut: string;
  readonly pair: string;
  readonly pairHint: string;
}

const en: Texts = {
  signIn: "Sign in",
  name: "Name",
  password: "Password",
  provider: "Sign in with the company account",
  failed: "The name or the password is not right.",
  failedProvider: "The sign-in did not succeed. Please try again.",
  noRole: "You are known, but have no role here. Ask an administrator.",
  delayed: "Too many failed attempts. Please wait a moment.",
  away: "The server does not answer.",
  signedInAs: "Signed in as",
  goOn: "Go on",
  signOut: "Sign out",
  pair: "This is a display without a keyboard",
  pairHint: "An administrator confirms this code:",
};

export const TEXTS: Readonly<Record<Language, Texts>> = {
  en,
  de: {
    signIn: "Anmelden",
    name: "Name",
    password: "Passwort",
    provider: "Mit dem Firmenkonto anmelden",
    failed: "Name oder Passwort stimmt nicht.",
    failedProvider: "Die Anmeldung ist nicht gelungen. Bitte noch einmal versuchen.",
    noRole: "Sie sind bekannt, haben hier aber keine Rolle. Bitte an die Verwaltung wenden.",
    delayed: "Zu viele Fehlversuche. Bitte einen Moment warten.",
    away: "Der Server antwortet nicht.",
    signedInAs: "Angemeldet als",
    goOn: "Weiter",
    signOut: "Abmelden",
    pair: "Dies ist eine Anzeige ohne Tastatur",
    pairHint: "Diesen Code bestätigt die Verwaltung:",
  },
  es: {
    signIn: "Iniciar sesión",
    name: "Nombre",
    password: "Contraseña",
    provider: "Entrar con la cuenta de la empresa",
    failed: "El nombre o la contraseña no es correcto.",
    failedProvider: "No se pudo iniciar la sesión. Inténtelo de nuevo.",
    noRole: "Se le conoce, pero no tiene ningún rol aquí. Pregunte a un administrador.",
    delayed: "Demasiados intentos fallidos. Espere un momento.",
    away: "El servidor no responde.",
    signedInAs: "Sesión iniciada como",
    goOn: "Continuar",
    signOut: "Cerrar sesión",
    pair: "Esta es una pantalla sin teclado",
    pairHint: "Un administrador confirma este código:",
  },
  fr: {
    signIn: "Se connecter",
    name: "Nom",
    password: "Mot de passe",
    provider: "Se connecter avec le compte de l’entreprise",
    failed: "Le nom ou le mot de passe est incorrect.",
    failedProvider: "La connexion a échoué. Veuillez réessayer.",
    noRole: "Vous êtes connu, mais sans rôle ici. Adressez-vous à un administrateur.",
    delayed: "Trop de tentatives échouées. Veuillez patienter un instant.",
    away: "Le serveur ne répond pas.",
    signedInAs: "Connecté en tant que",
    goOn: "Continuer",
    signOut: "Se déconnecter",
    pair: "Ceci est un écran sans clavier",
    pairHint: "Un administrateur confirme ce code :",
  },
  pt: {
    signIn: "Entrar",
    name: "Nome",
    password: "Senha",
    provider: "Entrar com a conta da empresa",
    failed: "O nome ou a senha não está certo.",
    failedProvider: "Não foi possível entrar. Tente novamente.",
    noRole: "Você é conhecido, mas não tem papel aqui. Fale com um administrador.",
    delayed: "Tentativas erradas demais. Aguarde um momento.",
    away: "O servidor não responde.",
    signedInAs: "Conectado como",
    goOn: "Continuar",
    signOut: "Sair",
    pair: "Esta é uma tela sem teclado",
    pairHint: "Um administrador confirma este código:",
  },
  zh: {
    signIn: "登录",
    name: "姓名",
    password: "密码",
    provider: "使用公司账户登录",
    failed: "姓名或密码不正确。",
    failedProvider: "登录未成功，请重试。",
    noRole: "系统认识您，但您在此没有角色。请联系管理员。",
    delayed: "失败次数过多，请稍候。",
    away: "服务器没有响应。",
    signedInAs: "已登录：",
    goOn: "继续",
    signOut: "退出登录",
    pair: "这是没有键盘的显示屏",
    pairHint: "请管理员确认此代码：",
  },
};

export type SignInKey = keyof Texts;
