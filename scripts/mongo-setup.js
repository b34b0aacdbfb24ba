// Run by mongosh in docker-compose.yml: joins the three members to a replica
// set and makes the server's user, who may read and write its own database and
// nothing else. What is there already is left as it is.
const root = encodeURIComponent(process.env.MONGO_ROOT_PASSWORD);
const connect = (host, options) => new Mongo(`mongodb://root:${root}@${host}/admin?${options}`);

const first = connect("mongo1:27017", "directConnection=true").getDB("admin");
try {
  first.adminCommand({ replSetGetStatus: 1 });
} catch (e) {
  if (e.codeName !== "NotYetInitialized") throw e;
  first.adminCommand({
    replSetInitiate: {
      _id: "thidua",
      members: [1, 2, 3].map((n) => ({ _id: n, host: `mongo${n}:27017`, priority: n === 1 ? 2 : 1 })),
    },
  });
}

// Connects once there is a primary.
const set = connect("mongo1,mongo2,mongo3", "replicaSet=thidua&serverSelectionTimeoutMS=60000").getDB("thidua");
if (set.getUser("thidua") === null) {
  set.createUser({ user: "thidua", pwd: process.env.THIDUA_MONGO_PASSWORD, roles: ["readWrite"] });
}
print("replica set and user are there");
