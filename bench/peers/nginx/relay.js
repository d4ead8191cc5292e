import crypto from "crypto";

function text(properties, name) {
  const property = properties[name];
  return (property && property.value) || "";
}

async function relay(r) {
  const properties = JSON.parse(r.requestText).properties;
  const body = JSON.stringify({
    phone: text(properties, "mobilephone") || text(properties, "phone"),
    variables: {
      name: text(properties, "firstname"),
      last_name: text(properties, "lastname"),
      company: text(properties, "company"),
    },
  });
  const hmac = crypto.createHmac("sha256", process.env.API_SECRET);
  r.variables.signature = hmac.update(body).digest("hex");
  const answer = await r.subrequest("/click-to-call", { method: "POST", body });
  const isAccepted = answer.status >= 200 && answer.status < 300;
  r.headersOut["content-type"] = "application/json";
  r.return(isAccepted ? 202 : 502, JSON.stringify({ ok: isAccepted }));
}

export default { relay };
